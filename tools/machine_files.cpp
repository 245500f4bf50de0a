#include "tools/machine_files.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <fmt/format.h>

#include "cpperon/base/parse_value.hpp"

namespace cpperon::tools {

namespace {

/// Without the white space at its end; nothing where it cannot be read.
std::optional<std::string> read_text(const std::string& path) {
    std::ifstream file{path};
    if (!file) {
        return std::nullopt;
    }
    std::string text{std::istreambuf_iterator<char>{file}, {}};
    text.erase(text.find_last_not_of(" \t\n") + 1);
    return text;
}

std::optional<std::int64_t> read_number(const std::string& path) {
    const auto text = read_text(path);
    const auto number = text ? try_parse_decimal_int64(*text) : Result<std::int64_t>{ErrorInfo{}};
    return number ? std::optional{*number} : std::nullopt;
}

/// Nothing for text that is no number above 0: how both versions of control groups say that there is no limit.
std::optional<std::int64_t> parse_positive(const std::string& text) {
    const auto number = try_parse_decimal_int64(text);
    return number && *number > 0 ? std::optional{*number} : std::nullopt;
}

std::vector<std::string> words_of(const std::string& text) {
    std::istringstream words{text};
    return {std::istream_iterator<std::string>{words}, {}};
}

/// The chosen one of `always [madvise] never`.
std::string chosen_of(const std::string& text) {
    const std::size_t open = text.find('[');
    const std::size_t close = text.find(']');
    return open < close && close != std::string::npos ? text.substr(open + 1, close - open - 1) : std::string{};
}

template <typename T>
void keep_lowest(std::optional<T>& lowest, const T value) {
    lowest = lowest ? std::min(*lowest, value) : value;
}

/// A control group and those around it, each of which has a say.
template <typename Look>
void for_group_and_parents(const std::string& mount, std::string group, Look&& look) {
    while (true) {
        look(mount + group);
        if (group.empty()) {
            return;
        }
        const std::size_t slash = group.rfind('/');
        group.resize(slash == std::string::npos ? 0 : slash);
    }
}

void read_control_groups(const std::string& root, MachineFacts& facts) {
    // More than any machine has: how version 1 says that there is no limit.
    constexpr std::int64_t no_limit = std::int64_t{1} << 60;
    const std::string mount = root + "/sys/fs/cgroup";
    std::ifstream groups{root + "/proc/self/cgroup"};
    for (std::string line; std::getline(groups, line);) {  // number:controllers:path
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (second == std::string::npos) {
            continue;
        }
        const std::string controllers = line.substr(first + 1, second - first - 1);
        std::string group = line.substr(second + 1);
        if (group == "/") {
            group.clear();
        }
        const auto has = [&](const std::string_view name) {
            return ("," + controllers + ",").find(fmt::format(",{},", name)) != std::string::npos;
        };
        if (controllers.empty()) {
            for_group_and_parents(mount, group, [&](const std::string& path) {
                const std::vector<std::string> quota = words_of(read_text(path + "/cpu.max").value_or(""));
                const auto quota_us = quota.size() == 2 ? parse_positive(quota[0]) : std::nullopt;  // or `max`
                const auto period_us = quota.size() == 2 ? parse_positive(quota[1]) : std::nullopt;
                if (quota_us && period_us) {
                    keep_lowest(facts.processor_quota,
                                static_cast<double>(*quota_us) / static_cast<double>(*period_us));
                }
                if (const auto limit = read_number(path + "/memory.max")) {
                    keep_lowest(facts.memory_limit, *limit);
                }
            });
        }
        if (has("cpu")) {
            for_group_and_parents(mount + "/cpu", group, [&](const std::string& path) {
                const auto quota_us = parse_positive(read_text(path + "/cpu.cfs_quota_us").value_or(""));
                const auto period_us = parse_positive(read_text(path + "/cpu.cfs_period_us").value_or(""));
                if (quota_us && period_us) {
                    keep_lowest(facts.processor_quota,
                                static_cast<double>(*quota_us) / static_cast<double>(*period_us));
                }
            });
        }
        if (has("memory")) {
            for_group_and_parents(mount + "/memory", group, [&](const std::string& path) {
                const auto limit = read_number(path + "/memory.limit_in_bytes");
                if (limit && *limit < no_limit) {
                    keep_lowest(facts.memory_limit, *limit);
                }
            });
        }
    }
}

void read_memory(const std::string& root, MachineFacts& facts) {
    std::ifstream meminfo{root + "/proc/meminfo"};
    std::optional<std::int64_t> swap_free;
    for (std::string line; std::getline(meminfo, line);) {  // SwapTotal:     0 kB
        const std::vector<std::string> words = words_of(line);
        const auto kilobytes =
            words.size() >= 2 ? try_parse_decimal_int64(words[1]) : Result<std::int64_t>{ErrorInfo{}};
        if (kilobytes && words[0] == "SwapTotal:") {
            facts.swap_total = *kilobytes * 1'024;
        } else if (kilobytes && words[0] == "SwapFree:") {
            swap_free = *kilobytes * 1'024;
        }
    }
    if (facts.swap_total && swap_free) {
        facts.swap_used = *facts.swap_total - *swap_free;
    }
    facts.swappiness = read_number(root + "/proc/sys/vm/swappiness");
    facts.transparent_huge_pages =
        chosen_of(read_text(root + "/sys/kernel/mm/transparent_hugepage/enabled").value_or(""));
}

/// Whether the table has a way to 239.0.0.0/8, where private groups are, by its own entry or the default one.
std::optional<bool> find_multicast_route(const std::string& root) {
    // As the kernel prints addresses: their bytes in the order of the network, as one number of this machine.
    constexpr std::uint32_t group = 0x0101'00ef;
    std::ifstream routes{root + "/proc/net/route"};
    if (!routes) {
        return std::nullopt;
    }
    const auto parse = [](const std::string& text) {
        std::uint32_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number, 16);
        return number;
    };
    for (std::string line; std::getline(routes, line);) {
        const std::vector<std::string> fields = words_of(line);
        if (fields.size() >= 8 && fields[0] != "Iface" && (group & parse(fields[7])) == parse(fields[1])) {
            return true;
        }
    }
    return false;
}

void read_network(const std::string& root, MachineFacts& facts) {
    facts.rmem_max = read_number(root + "/proc/sys/net/core/rmem_max");
    facts.wmem_max = read_number(root + "/proc/sys/net/core/wmem_max");
    facts.has_multicast_route = find_multicast_route(root);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator{root + "/sys/class/net", ignored}) {
        constexpr unsigned up = 0x1;
        constexpr unsigned loopback = 0x8;
        constexpr unsigned multicast = 0x1000;
        const auto flags = try_parse_int64(read_text(entry.path() / "flags").value_or(""));
        if (flags && (static_cast<unsigned>(*flags) & (up | loopback | multicast)) == (up | multicast)) {
            facts.multicast_interfaces.push_back(entry.path().filename());
        }
    }
    std::sort(facts.multicast_interfaces.begin(), facts.multicast_interfaces.end());
}

void read_processors(const std::string& root, MachineFacts& facts) {
    const std::string folder = root + "/sys/devices/system/cpu/";
    facts.isolated_processors = parse_processor_list(read_text(folder + "isolated").value_or(""));
    for (const int processor : facts.allowed_processors) {
        const auto governor = read_text(fmt::format("{}cpu{}/cpufreq/scaling_governor", folder, processor));
        if (governor && std::find(facts.governors.begin(), facts.governors.end(), *governor) == facts.governors.end()) {
            facts.governors.push_back(*governor);
        }
    }
    const std::string clocks = root + "/sys/devices/system/clocksource/clocksource0/";
    facts.clock_source = read_text(clocks + "current_clocksource").value_or("");
    facts.available_clock_sources = words_of(read_text(clocks + "available_clocksource").value_or(""));
}

}  // namespace

void read_machine_files(const std::string& root, MachineFacts& facts) {
    read_control_groups(root, facts);
    read_memory(root, facts);
    read_network(root, facts);
    read_processors(root, facts);
}

std::vector<int> parse_processor_list(std::string_view text) {
    constexpr int highest = 4'095;
    std::vector<int> result;
    while (!text.empty()) {
        const std::size_t comma = text.find(',');
        const std::string_view range = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        const std::size_t dash = range.find('-');
        const auto first = try_parse_int32(range.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : try_parse_int32(range.substr(dash + 1));
        if (first && last && *first >= 0 && *last <= highest) {
            for (int processor = *first; processor <= *last; ++processor) {
                result.push_back(processor);
            }
        }
    }
    return result;
}

}  // namespace cpperon::tools
