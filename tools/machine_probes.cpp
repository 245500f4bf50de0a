#include "tools/machine_probes.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <filesystem>
#include <linux/magic.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/timex.h>
#include <system_error>

#include <fmt/format.h>

#include "cpperon/base/clock.hpp"
#include "cpperon/client/driver_activity.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/net/file_descriptor.hpp"
#include "cpperon/net/system_udp_transport.hpp"
#include "tools/machine_files.hpp"
#include "tools/snapshot.hpp"

namespace cpperon::tools {

namespace {

std::string system_reason() {
    return std::system_category().message(errno);
}

/// The file system of the next directory above that exists.
std::optional<StorageFacts> probe_storage(std::filesystem::path path) {
    std::error_code ignored;
    while (!std::filesystem::exists(path, ignored) && path.has_relative_path()) {
        path = path.parent_path();
    }
    struct statfs status {};
    if (::statfs(path.c_str(), &status) != 0) {
        return std::nullopt;
    }
    const auto block = static_cast<std::int64_t>(status.f_bsize);
    return StorageFacts{.path = path,
                        .type = status.f_type == TMPFS_MAGIC       ? "tmpfs"
                                : status.f_type == HUGETLBFS_MAGIC ? "hugetlbfs"
                                                                   : "other",
                        .total = static_cast<std::int64_t>(status.f_blocks) * block,
                        .free = static_cast<std::int64_t>(status.f_bavail) * block};
}

std::int64_t length_of_files(const std::filesystem::path& directory) {
    std::int64_t length = 0;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{directory, ignored}) {
        if (entry.is_regular_file(ignored)) {
            length += static_cast<std::int64_t>(entry.file_size(ignored));
        }
    }
    return length;
}

/// Directories `aeron-*` next to that of the driver, and its own.
std::vector<LeftoverFacts> find_leftovers(const std::filesystem::path& own) {
    std::vector<LeftoverFacts> leftovers;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{own.parent_path(), ignored}) {
        const bool is_candidate = entry.path() == own || entry.path().filename().string().starts_with("aeron-");
        if (!is_candidate || !std::filesystem::exists(entry.path() / "cnc.dat", ignored)) {
            continue;
        }
        try {
            const DriverSnapshot snapshot = take_snapshot(CncFile::open(entry.path()));
            if (snapshot.state != DriverState::alive) {
                leftovers.push_back({.path = entry.path(),
                                     .state = std::string{to_string(snapshot.state)},
                                     .length = length_of_files(entry.path())});
            }
        } catch (const std::exception&) {
            // Somebody else's, or of a driver that starts at this moment: nothing is known of it.
        }
    }
    std::sort(leftovers.begin(), leftovers.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return leftovers;
}

void probe_buffers(const DriverContext& context, MachineFacts& facts) {
    try {
        const net::SocketBufferLengths granted = net::SystemUdpTransport{}.probe_buffers(
            {.send = context.socket_send_buffer_length, .receive = context.socket_receive_buffer_length});
        facts.granted_send_buffer = granted.send;
        facts.granted_receive_buffer = granted.receive;
    } catch (const std::exception&) {
        // Without sockets there is nothing to know of them.
    }
}

std::vector<int> probe_allowed_processors() {
    ::cpu_set_t set{};
    std::vector<int> result;
    if (::sched_getaffinity(0, sizeof(set), &set) == 0) {
        for (int processor = 0; processor < CPU_SETSIZE; ++processor) {
            if (CPU_ISSET(static_cast<std::size_t>(processor), &set)) {
                result.push_back(processor);
            }
        }
    }
    return result;
}

/// The best of several goes: others interrupt, and nobody makes it faster than it is.
double probe_clock_cost_ns() {
    constexpr int goes = 5;
    constexpr int looks = 2'000;
    SystemNanoClock& clock = SystemNanoClock::instance();
    std::int64_t best_ns = INT64_MAX;
    for (int go = 0; go < goes; ++go) {
        const std::int64_t start_ns = clock.nano_time();
        std::int64_t now_ns = start_ns;
        for (int look = 0; look < looks; ++look) {
            now_ns = clock.nano_time();
        }
        best_ns = std::min(best_ns, now_ns - start_ns);
    }
    return static_cast<double>(best_ns) / looks;
}

void probe_clock_synchronisation(MachineFacts& facts) {
    struct timex state {};
    const int answer = ::adjtimex(&state);
    if (answer == -1) {
        return;
    }
    facts.is_clock_synchronised = answer != TIME_ERROR;
    if (answer != TIME_ERROR) {
        facts.clock_error_us = state.esterror;
    }
}

ResourceLimit probe_limit(const __rlimit_resource resource) {
    struct rlimit limit {};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(limit.rlim_cur);
}

}  // namespace

OffloadFacts probe_offload() {
    constexpr std::uint16_t segment_length = 500;
    constexpr std::size_t run_length = std::size_t{4} * segment_length;
    const net::FileDescriptor from{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    const net::FileDescriptor to{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t address_length = sizeof(address);
    auto* const generic = reinterpret_cast<::sockaddr*>(&address);
    if (!from.is_open() || !to.is_open() || ::bind(to.value(), generic, sizeof(address)) != 0 ||
        ::getsockname(to.value(), generic, &address_length) != 0 ||
        ::connect(from.value(), generic, sizeof(address)) != 0) {
        return {.reason = "no UDP socket on loopback: " + system_reason()};
    }
    const int on = 1;
    const bool can_join = ::setsockopt(to.value(), SOL_UDP, UDP_GRO, &on, sizeof(on)) == 0;

    std::array<char, run_length> run{};
    alignas(::cmsghdr) std::array<char, CMSG_SPACE(sizeof(segment_length))> control{};
    ::iovec part{.iov_base = run.data(), .iov_len = run.size()};
    ::msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ::cmsghdr* const option = CMSG_FIRSTHDR(&message);
    option->cmsg_level = SOL_UDP;
    option->cmsg_type = UDP_SEGMENT;
    option->cmsg_len = CMSG_LEN(sizeof(segment_length));
    std::memcpy(CMSG_DATA(option), &segment_length, sizeof(segment_length));
    if (::sendmsg(from.value(), &message, 0) != static_cast<::ssize_t>(run_length)) {
        return {.reason = "the kernel does not take a run of datagrams: " + system_reason()};
    }

    // A kernel that does not know the option sends one long datagram: it is told by the lengths that come.
    constexpr int patience_ms = 500;
    OffloadFacts facts{.is_cut = true};
    std::size_t received = 0;
    while (received < run_length) {
        ::pollfd waiting{.fd = to.value(), .events = POLLIN, .revents = 0};
        if (::poll(&waiting, 1, patience_ms) != 1) {
            return {.reason = fmt::format("{} of {} bytes came over loopback", received, run_length)};
        }
        std::array<char, 65'536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by the kernel
        alignas(::cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> told{};
        ::iovec into{.iov_base = buffer.data(), .iov_len = buffer.size()};
        ::msghdr arrived{};
        arrived.msg_iov = &into;
        arrived.msg_iovlen = 1;
        arrived.msg_control = told.data();
        arrived.msg_controllen = told.size();
        const ::ssize_t length = ::recvmsg(to.value(), &arrived, 0);
        if (length <= 0) {
            return {.reason = "nothing can be received on loopback: " + system_reason()};
        }
        received += static_cast<std::size_t>(length);
        const ::cmsghdr* const header = CMSG_FIRSTHDR(&arrived);
        const bool is_run = header != nullptr && header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO;
        if (length > segment_length) {
            facts.is_joined = facts.is_joined || is_run;
            facts.is_cut = facts.is_cut && is_run;
        }
    }
    if (!facts.is_cut) {
        facts.reason = "the kernel sends a run as one datagram";
    } else if (!facts.is_joined) {
        facts.reason = can_join ? "datagrams come one by one" : "the kernel does not know UDP_GRO";
    }
    return facts;
}

MachineFacts look_at_machine(const DriverContext& context) {
    MachineFacts facts;
    try {
        validate(context);
    } catch (const Error& error) {
        facts.configuration_error = error.what();
    }
    const std::filesystem::path directory = context.directory.empty() ? default_directory() : context.directory;
    facts.storage = probe_storage(directory);
    facts.leftovers = find_leftovers(directory);
    probe_buffers(context, facts);
    facts.offload = probe_offload();
    facts.allowed_processors = probe_allowed_processors();
    facts.clock_cost_ns = probe_clock_cost_ns();
    probe_clock_synchronisation(facts);
    facts.locked_memory_limit = probe_limit(RLIMIT_MEMLOCK);
    facts.open_files_limit = probe_limit(RLIMIT_NOFILE);
    facts.file_length_limit = probe_limit(RLIMIT_FSIZE);
    read_machine_files("", facts);
    return facts;
}

}  // namespace cpperon::tools
