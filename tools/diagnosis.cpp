#include "tools/diagnosis.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/logbuffer/layout.hpp"

namespace cpperon::tools {

namespace {

/// `200 KiB`, `1.9 GiB`.
std::string bytes_text(const std::int64_t bytes) {
    constexpr std::array units = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    auto number = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (number >= 1'024 && unit + 1 < units.size()) {
        number /= 1'024;
        ++unit;
    }
    const bool is_whole = number == static_cast<double>(static_cast<std::int64_t>(number));
    return fmt::format("{:.{}f} {}", number, is_whole ? 0 : 1, units[unit]);
}

template <typename Range>
std::string list_text(const Range& items) {
    return items.empty() ? "none" : fmt::format("{}", fmt::join(items, ", "));
}

bool spins(const IdleSetting& idle) {
    return idle.name.find("spin") != std::string::npos || idle.name.find("noop") != std::string::npos;
}

/// The threads of a driver that are on the way of messages.
struct DriverThreads {
    ThreadingMode mode = ThreadingMode::dedicated;
    int count = 0;
    int spinning = 0;
};

DriverThreads threads_of(const DriverContext& context) {
    const ThreadingMode mode = context.threading_mode.value_or(ThreadingMode::dedicated);
    switch (mode) {
        case ThreadingMode::dedicated:
            return {mode, 3, spins(context.conductor_idle) + spins(context.sender_idle) + spins(context.receiver_idle)};
        case ThreadingMode::shared_network:
            return {mode, 2, spins(context.conductor_idle) + spins(context.shared_network_idle)};
        case ThreadingMode::shared:
        case ThreadingMode::invoker: break;
    }
    return {mode, 1, spins(context.shared_idle) ? 1 : 0};
}

/// How many processors this process can have at a time; 0: not known.
double usable_processors(const MachineFacts& facts) {
    const auto allowed = static_cast<double>(facts.allowed_processors.size());
    return facts.processor_quota ? std::min(allowed, *facts.processor_quota) : allowed;
}

struct Affinity {
    const char* property;
    std::int32_t processor;
};

/// Those that the threading mode has a thread for. spec: 06 §2.2
std::vector<Affinity> affinities_of(const DriverContext& context) {
    const Affinity all[] = {{"aeron.conductor.cpu.affinity", context.conductor_cpu_affinity},
                            {"aeron.sender.cpu.affinity", context.sender_cpu_affinity},
                            {"aeron.receiver.cpu.affinity", context.receiver_cpu_affinity}};
    std::vector<Affinity> result;
    for (const Affinity& affinity : std::span{all}.first(static_cast<std::size_t>(threads_of(context).count))) {
        if (affinity.processor >= 0) {
            result.push_back(affinity);
        }
    }
    return result;
}

/// Of the files of a driver without streams: rings, counters with their labels, errors, losses.
std::int64_t driver_files_length(const DriverContext& context) {
    constexpr std::int64_t metadata_per_value = 4;
    return context.to_driver_buffer_length + context.to_clients_buffer_length +
           (1 + metadata_per_value) * context.counters_buffer_length + context.error_buffer_length +
           context.loss_report_buffer_length;
}

std::int64_t log_file_length(const DriverContext& context, const std::int64_t term_length) {
    return logbuffer::log_length(static_cast<std::int32_t>(term_length),
                                 static_cast<std::int32_t>(context.file_page_size));
}

bool contains(const std::vector<int>& processors, const int processor) {
    return std::find(processors.begin(), processors.end(), processor) != processors.end();
}

Finding check_configuration(const MachineFacts& facts) {
    if (facts.configuration_error.empty()) {
        return {.check = "configuration", .measured = "a driver takes it"};
    }
    return {.check = "configuration",
            .verdict = Verdict::problem,
            .measured = facts.configuration_error,
            .wanted = "settings within their bounds",
            .reason = "a driver with these settings does not start",
            .fix = "change the setting that is named"};
}

Finding check_storage(const MachineFacts& facts, const DriverContext& context) {
    Finding finding{.check = "storage"};
    if (!facts.storage) {
        finding.verdict = Verdict::problem;
        finding.measured = "the directory cannot be looked at";
        finding.reason = "the driver's files and all messages are there";
        finding.fix = "mount -t tmpfs tmpfs /dev/shm";
        return finding;
    }
    const StorageFacts& storage = *facts.storage;
    const std::int64_t logs =
        std::max(log_file_length(context, context.term_length), log_file_length(context, context.ipc_term_length));
    const std::int64_t least = driver_files_length(context) + logs;
    const std::int64_t wanted = std::max(least + 3 * logs, context.low_storage_warning_threshold);
    finding.measured = fmt::format("{} free of {} on {} ({})", bytes_text(storage.free), bytes_text(storage.total),
                                   storage.path, storage.type == "other" ? "no tmpfs" : storage.type);
    finding.wanted = fmt::format("{} for a driver and one log of {}, {} for four of them", bytes_text(least),
                                 bytes_text(logs), bytes_text(wanted));
    const std::int64_t mebibytes = (storage.total - storage.free + wanted) / (1 << 20) + 1;
    const std::string grow = fmt::format(
        "mount -o remount,size={}m {} (in a container: --shm-size={}m), or shorter terms: "
        "-Daeron.term.buffer.length, -Daeron.ipc.term.buffer.length",
        mebibytes, storage.path, mebibytes);
    if (storage.free < least) {
        finding.verdict = Verdict::problem;
        finding.reason =
            "publications are refused where there is no room for their log; without storage checks the "
            "program is killed (SIGBUS) when it writes";
        finding.fix = grow;
    } else if (storage.free < wanted) {
        finding.verdict = Verdict::note;
        finding.reason = "there is room for few streams";
        finding.fix = grow;
    } else if (storage.type == "other") {
        finding.verdict = Verdict::note;
        finding.reason = "messages are written to a file system of a disk, which stops writers now and then";
        finding.fix = "use a directory on tmpfs: -Daeron.dir=/dev/shm/NAME";
    }
    return finding;
}

Finding check_memory_limit(const MachineFacts& facts, const DriverContext& context) {
    Finding finding{.check = "memory limit"};
    if (!facts.memory_limit) {
        finding.measured = "none for this control group";
        return finding;
    }
    const std::int64_t least =
        driver_files_length(context) +
        std::max(log_file_length(context, context.term_length), log_file_length(context, context.ipc_term_length));
    finding.measured = fmt::format("{} for this control group", bytes_text(*facts.memory_limit));
    finding.wanted = fmt::format("{} and what programs need", bytes_text(least));
    if (*facts.memory_limit < least) {
        finding.verdict = Verdict::problem;
        finding.reason =
            "logs and the driver's files count as memory of who writes them first: the kernel ends programs "
            "of the group when they are full";
        finding.fix = "raise the limit (container: --memory), or use shorter terms";
    }
    return finding;
}

struct BufferCheck {
    const char* check;
    const char* property;
    const char* sysctl;
    std::int64_t configured;
    std::optional<std::int64_t> granted;
    std::optional<std::int64_t> system_limit;
    const char* holds_property;
    std::int64_t holds;
};

Finding check_buffer(const BufferCheck& buffer) {
    // What streams over long or busy ways want; see docs/tuning.md.
    constexpr std::int64_t roomy = 2 << 20;
    Finding finding{.check = buffer.check};
    if (!buffer.granted) {
        finding.verdict = Verdict::problem;
        finding.measured = "no UDP socket can be opened";
        finding.reason = "there is nothing but IPC then";
        finding.fix = "allow sockets (seccomp, limits, network namespace)";
        return finding;
    }
    const std::string limit = buffer.system_limit ? fmt::format(", {}={}", buffer.sysctl, *buffer.system_limit)
                                                  : fmt::format(", {} is not visible here", buffer.sysctl);
    finding.measured = fmt::format("{} granted of {} ({}){}", bytes_text(*buffer.granted),
                                   buffer.configured > 0 ? bytes_text(buffer.configured) : "the system's default",
                                   buffer.property, limit);
    finding.wanted = fmt::format("{} ({}) at least", bytes_text(std::max(buffer.configured, buffer.holds)),
                                 buffer.configured > buffer.holds ? buffer.property : buffer.holds_property);
    if (*buffer.granted < buffer.holds) {
        finding.verdict = Verdict::problem;
        finding.reason = fmt::format("the driver does not start: {} must fit into the buffer", buffer.holds_property);
        finding.fix = fmt::format("sysctl -w {0}={1}, and -D{2}={1}", buffer.sysctl, buffer.holds, buffer.property);
    } else if (*buffer.granted < buffer.configured) {
        finding.verdict = Verdict::problem;
        finding.reason = "the system cuts the buffer silently: bursts are lost, and repaired late";
        finding.fix = fmt::format("sysctl -w {}={}", buffer.sysctl, buffer.configured);
    } else if (buffer.system_limit && *buffer.system_limit < roomy) {
        finding.verdict = Verdict::note;
        finding.wanted = fmt::format("{}={} for streams of many MB/s", buffer.sysctl, roomy);
        finding.reason =
            "what is configured is granted; a larger buffer, which long ways and bursts need, would be cut";
        finding.fix = fmt::format("sysctl -w {}={}", buffer.sysctl, roomy);
    }
    return finding;
}

Finding check_offload(const MachineFacts& facts, const DriverContext& context) {
    Finding finding{.check = "UDP offload"};
    if (!facts.offload) {
        finding.measured = "not tried";
        return finding;
    }
    const OffloadFacts& offload = *facts.offload;
    finding.measured = fmt::format("GSO {}, GRO {} over loopback{}", offload.is_cut ? "works" : "does not work",
                                   offload.is_joined ? "works" : "does not work",
                                   offload.reason.empty() ? "" : " (" + offload.reason + ")");
    finding.wanted = "both";
    if (!context.segmentation_offload || !context.receive_offload) {
        finding.verdict = Verdict::note;
        finding.measured += "; turned off by the configuration";
        finding.reason = "each datagram crosses the kernel alone";
        finding.fix = "-Dcpperon.socket.segmentation.offload=true -Dcpperon.socket.receive.offload=true";
    } else if (!offload.is_cut || !offload.is_joined) {
        finding.verdict = Verdict::note;
        finding.reason = "the driver goes on without, and sends and receives fewer messages per second";
        finding.fix = "use Linux 5.0 or newer, outside of sandboxes that have a network stack of their own";
    }
    return finding;
}

Finding check_processors(const MachineFacts& facts, const DriverContext& context) {
    const DriverThreads threads = threads_of(context);
    const double usable = usable_processors(facts);
    Finding finding{.check = "processors"};
    finding.measured = fmt::format("{:.4g} usable; {} of {} threads of the driver ({}) spin", usable, threads.spinning,
                                   threads.count, to_string(threads.mode));
    finding.wanted = fmt::format("{}: each thread of the driver, and one of an application", threads.count + 1);
    if (threads.spinning > 0 && usable < threads.spinning + 1) {
        finding.verdict = Verdict::problem;
        finding.reason = "threads that spin keep the processor from those that have a message to deliver";
        finding.fix = "-Daeron.threading.mode=SHARED, or idle strategies that do not spin (backoff)";
    } else if (usable < threads.count + 1) {
        finding.verdict = Verdict::note;
        finding.reason = "threads wait for a processor, up to some milliseconds each time";
        finding.fix = usable >= 3 ? "-Daeron.threading.mode=SHARED_NETWORK" : "-Daeron.threading.mode=SHARED";
        if (threads.mode == ThreadingMode::shared) {
            finding.fix = "give this machine or container another processor";
        }
    }
    return finding;
}

Finding check_quota(const MachineFacts& facts) {
    Finding finding{.check = "processor quota"};
    if (!facts.processor_quota) {
        finding.measured = "none for this control group";
        return finding;
    }
    finding.verdict = Verdict::note;
    finding.measured = fmt::format("{:.4g} processors for this control group", *facts.processor_quota);
    finding.wanted = "none";
    finding.reason =
        "when the share of a period, mostly 100 ms, is used up, all threads stand still until the next one";
    finding.fix = "give processors rather than a share (container: --cpuset-cpus rather than --cpus)";
    return finding;
}

Finding check_affinity(const MachineFacts& facts, const DriverContext& context) {
    const std::vector<Affinity> affinities = affinities_of(context);
    Finding finding{.check = "affinity"};
    std::vector<std::string> texts;
    texts.reserve(affinities.size());
    for (const Affinity& affinity : affinities) {
        texts.push_back(fmt::format("{}={}", affinity.property, affinity.processor));
    }
    finding.measured = fmt::format("{}; isolated processors: {}",
                                   texts.empty() ? "no thread is kept on a processor" : list_text(texts),
                                   list_text(facts.isolated_processors));
    for (std::size_t i = 0; i < affinities.size(); ++i) {
        const Affinity& affinity = affinities[i];
        if (!contains(facts.allowed_processors, affinity.processor) &&
            !contains(facts.isolated_processors, affinity.processor)) {
            finding.verdict = Verdict::problem;
            finding.wanted = fmt::format("one of {}", list_text(facts.allowed_processors));
            finding.reason =
                fmt::format("{}={} is no processor that this process may use", affinity.property, affinity.processor);
            finding.fix = "choose another, or allow it (taskset, container: --cpuset-cpus)";
            return finding;
        }
        const auto same = [&](const Affinity& other) { return other.processor == affinity.processor; };
        if (std::any_of(affinities.begin(), affinities.begin() + static_cast<std::ptrdiff_t>(i), same)) {
            finding.verdict = Verdict::problem;
            finding.wanted = "a processor for each thread";
            finding.reason = fmt::format("two threads share processor {}", affinity.processor);
            finding.fix = fmt::format("give {} another processor", affinity.property);
            return finding;
        }
    }
    if (threads_of(context).spinning > 0 && affinities.empty()) {
        finding.verdict = Verdict::note;
        finding.wanted = "threads that spin on processors of their own";
        finding.reason = "the scheduler moves threads that spin, and puts others beside them";
        finding.fix =
            "kernel parameters isolcpus= and nohz_full=, and -Daeron.sender.cpu.affinity, .receiver., "
            ".conductor.";
    }
    return finding;
}

Finding check_time_source(const MachineFacts& facts) {
    constexpr double dear_ns = 100;
    Finding finding{.check = "time source"};
    const std::string source = facts.clock_source.empty() ? "not known" : facts.clock_source;
    finding.measured =
        facts.clock_cost_ns ? fmt::format("{}, {:.0f} ns for each look", source, *facts.clock_cost_ns) : source;
    finding.wanted = fmt::format("below {:.0f} ns", dear_ns);
    if (facts.clock_cost_ns && *facts.clock_cost_ns > dear_ns) {
        const auto& available = facts.available_clock_sources;
        const bool has_tsc = std::find(available.begin(), available.end(), "tsc") != available.end();
        finding.verdict = Verdict::problem;
        finding.reason =
            "agents look at the clock in each duty cycle, and this one costs a system call or a slow device";
        if (source == "tsc" || source == "kvm-clock") {
            finding.fix = "the source is a fast one: look for a sandbox or tracer that intercepts system calls";
        } else if (has_tsc) {
            finding.fix = "echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource";
        } else {
            finding.fix = "kernel parameter tsc=reliable, if the processor has a constant_tsc";
        }
    }
    return finding;
}

Finding check_governor(const MachineFacts& facts) {
    Finding finding{.check = "frequency"};
    if (facts.governors.empty()) {
        finding.measured = "no governor is visible here";
        return finding;
    }
    finding.measured = fmt::format("governor {}", list_text(facts.governors));
    finding.wanted = "performance";
    if (facts.governors != std::vector<std::string>{"performance"}) {
        finding.verdict = Verdict::note;
        finding.reason = "a processor that was idle starts slowly, which is seen in the latency of single messages";
        finding.fix = "cpupower frequency-set -g performance";
    }
    return finding;
}

std::string limit_text(const ResourceLimit& limit) {
    return limit ? bytes_text(*limit) : "unlimited";
}

Finding check_open_files(const MachineFacts& facts) {
    constexpr std::int64_t least = 256;
    constexpr std::int64_t wanted = 4'096;
    Finding finding{.check = "open files"};
    finding.measured = facts.open_files_limit ? fmt::format("{}", *facts.open_files_limit) : "unlimited";
    finding.wanted = fmt::format("{} (RLIMIT_NOFILE)", wanted);
    if (facts.open_files_limit && *facts.open_files_limit < wanted) {
        finding.verdict = *facts.open_files_limit < least ? Verdict::problem : Verdict::note;
        finding.reason = "each endpoint has a socket; a channel that gets none is refused";
        finding.fix = fmt::format("ulimit -n {}", wanted);
    }
    return finding;
}

Finding check_file_length(const MachineFacts& facts, const DriverContext& context) {
    const std::int64_t longest = std::max({driver_files_length(context), log_file_length(context, context.term_length),
                                           log_file_length(context, context.ipc_term_length)});
    Finding finding{.check = "file length"};
    finding.measured = limit_text(facts.file_length_limit);
    finding.wanted = fmt::format("{} (RLIMIT_FSIZE)", bytes_text(longest));
    if (facts.file_length_limit && *facts.file_length_limit < longest) {
        finding.verdict = Verdict::problem;
        finding.reason = "logs and the driver's files are longer; who makes one is killed (SIGXFSZ) or refused";
        finding.fix = "ulimit -f unlimited";
    }
    return finding;
}

/// Pages of logs that are swapped out stop who touches them; nothing but the absence of swap keeps them in memory.
Finding check_swap(const MachineFacts& facts) {
    constexpr std::int64_t low_swappiness = 1;
    Finding finding{.check = "swap"};
    if (!facts.swap_total) {
        finding.measured = "not known";
        return finding;
    }
    finding.measured = *facts.swap_total == 0
                           ? "none"
                           : fmt::format("{} of {} used, swappiness {}", bytes_text(facts.swap_used.value_or(0)),
                                         bytes_text(*facts.swap_total),
                                         facts.swappiness ? std::to_string(*facts.swappiness) : "not known");
    finding.wanted = "none, or swappiness 1 at most";
    if (*facts.swap_total > 0 && facts.swappiness.value_or(60) > low_swappiness) {
        finding.verdict = Verdict::note;
        finding.reason =
            "logs are shared memory, which the kernel moves to the disk when it is not touched for a while";
        finding.fix = "swapoff -a, or sysctl -w vm.swappiness=1";
    }
    return finding;
}

Finding check_locked_memory(const MachineFacts& facts) {
    return {.check = "locked memory",
            .measured = limit_text(facts.locked_memory_limit),
            .wanted = "anything: neither drivers nor clients lock memory (RLIMIT_MEMLOCK)"};
}

Finding check_huge_pages(const MachineFacts& facts, const DriverContext& context) {
    constexpr std::int64_t small_page = 4'096;
    Finding finding{.check = "huge pages"};
    finding.measured = fmt::format("transparent ones: {}; pages of files: {}",
                                   facts.transparent_huge_pages.empty() ? "not known" : facts.transparent_huge_pages,
                                   bytes_text(context.file_page_size));
    finding.wanted = "transparent ones: madvise or never";
    if (context.file_page_size > small_page && facts.storage && facts.storage->type != "hugetlbfs") {
        finding.verdict = Verdict::note;
        finding.wanted = "a directory on hugetlbfs for aeron.file.page.size above 4k";
        finding.reason = "files are made longer to fill such pages, and get ordinary ones";
        finding.fix =
            "mount -t hugetlbfs none /mnt/huge, and -Daeron.dir=/mnt/huge/NAME; or leave aeron.file.page.size";
    } else if (facts.transparent_huge_pages == "always") {
        finding.verdict = Verdict::note;
        finding.reason = "the kernel stops threads while it puts pages together";
        finding.fix = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled";
    }
    return finding;
}

Finding check_leftovers(const MachineFacts& facts) {
    Finding finding{.check = "leftovers"};
    if (facts.leftovers.empty()) {
        finding.measured = "none";
        return finding;
    }
    std::vector<std::string> texts;
    std::vector<std::string> paths;
    for (const LeftoverFacts& leftover : facts.leftovers) {
        texts.push_back(fmt::format("{} ({}, {})", leftover.path, leftover.state, bytes_text(leftover.length)));
        paths.push_back("'" + leftover.path + "'");
    }
    finding.verdict = Verdict::note;
    finding.measured = list_text(texts);
    finding.wanted = "no directories of drivers that have ended";
    finding.reason = "their files take memory; what they tell of a crash is worth a look before: cpperon driver -d";
    finding.fix = fmt::format("rm -r {}", fmt::join(paths, " "));
    return finding;
}

Finding check_clock_synchronisation(const MachineFacts& facts) {
    Finding finding{.check = "clock between hosts"};
    if (!facts.is_clock_synchronised) {
        finding.measured = "not known";
    } else if (*facts.is_clock_synchronised) {
        finding.measured = fmt::format("synchronised, estimated error {} us", facts.clock_error_us.value_or(0));
    } else {
        finding.verdict = Verdict::note;
        finding.measured = "the kernel knows of no synchronisation";
        finding.wanted = "synchronised, where times of several hosts are compared";
        finding.reason = "time stamps of channels and logs of two hosts do not fit together; messages do not care";
        finding.fix = "run chronyd, or ptp4l with phc2sys for less than a microsecond";
    }
    return finding;
}

Finding check_multicast(const MachineFacts& facts) {
    Finding finding{.check = "multicast"};
    finding.measured = fmt::format("interfaces: {}; route: {}", list_text(facts.multicast_interfaces),
                                   !facts.has_multicast_route   ? "not known"
                                   : *facts.has_multicast_route ? "there is one"
                                                                : "there is none");
    finding.wanted = "an interface and a route, where channels have multicast addresses";
    if (facts.multicast_interfaces.empty()) {
        finding.verdict = Verdict::note;
        finding.reason = "groups reach programs on this host at most";
        finding.fix = "bring a network interface up; ip link set dev NAME multicast on";
    } else if (facts.has_multicast_route == false) {
        finding.verdict = Verdict::note;
        finding.reason =
            "the kernel does not know on which interface a group is, unless the channel says so (interface=)";
        finding.fix = fmt::format("ip route add 224.0.0.0/4 dev {}", facts.multicast_interfaces.front());
    }
    return finding;
}

}  // namespace

std::string_view to_string(const Verdict verdict) noexcept {
    switch (verdict) {
        case Verdict::ok: return "ok";
        case Verdict::note: return "note";
        case Verdict::problem: return "problem";
    }
    return "unknown";
}

std::vector<Finding> diagnose(const MachineFacts& facts, const DriverContext& context) {
    std::vector<Finding> findings{check_configuration(facts)};
    if (findings.front().verdict == Verdict::problem) {
        return findings;  // the rest would be judged by numbers that make no sense
    }
    findings.push_back(check_storage(facts, context));
    findings.push_back(check_memory_limit(facts, context));
    findings.push_back(check_leftovers(facts));
    findings.push_back(check_buffer({.check = "receive buffer",
                                     .property = "aeron.socket.so_rcvbuf",
                                     .sysctl = "net.core.rmem_max",
                                     .configured = context.socket_receive_buffer_length,
                                     .granted = facts.granted_receive_buffer,
                                     .system_limit = facts.rmem_max,
                                     .holds_property = "aeron.rcv.initial.window.length",
                                     .holds = context.receiver_window_length}));
    findings.push_back(check_buffer({.check = "send buffer",
                                     .property = "aeron.socket.so_sndbuf",
                                     .sysctl = "net.core.wmem_max",
                                     .configured = context.socket_send_buffer_length,
                                     .granted = facts.granted_send_buffer,
                                     .system_limit = facts.wmem_max,
                                     .holds_property = "aeron.mtu.length",
                                     .holds = context.mtu_length}));
    findings.push_back(check_offload(facts, context));
    findings.push_back(check_multicast(facts));
    findings.push_back(check_processors(facts, context));
    findings.push_back(check_quota(facts));
    findings.push_back(check_affinity(facts, context));
    findings.push_back(check_governor(facts));
    findings.push_back(check_time_source(facts));
    findings.push_back(check_clock_synchronisation(facts));
    findings.push_back(check_swap(facts));
    findings.push_back(check_huge_pages(facts, context));
    findings.push_back(check_locked_memory(facts));
    findings.push_back(check_open_files(facts));
    findings.push_back(check_file_length(facts, context));
    return findings;
}

bool has_problem(const std::vector<Finding>& findings) noexcept {
    return std::any_of(findings.begin(), findings.end(),
                       [](const Finding& finding) { return finding.verdict == Verdict::problem; });
}

void to_json(nlohmann::json& json, const Finding& finding) {
    json = {{"check", finding.check},       {"verdict", to_string(finding.verdict)},
            {"measured", finding.measured}, {"wanted", finding.wanted},
            {"reason", finding.reason},     {"fix", finding.fix}};
}

}  // namespace cpperon::tools
