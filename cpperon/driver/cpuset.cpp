#include "cpperon/driver/cpuset.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/base/parse_value.hpp"

namespace cpperon::driver {

namespace {

constexpr std::string_view setting = "aeron.driver.cpuset.affinity=true";

/// The first line, or nothing where there is no such file.
std::optional<std::string> line_of(const std::string& path) {
    std::ifstream file{path};
    std::string line;
    return std::getline(file, line) ? std::optional{line} : std::nullopt;
}

/// `0-3,8`. Numbers beyond all processors are not believed.
std::optional<std::set<std::int32_t>> parse_list(std::string_view text) {
    constexpr std::int64_t max_processor = 65'535;
    std::set<std::int32_t> processors;
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find(','));
        text.remove_prefix(std::min(part.size() + 1, text.size()));
        const std::size_t dash = part.find('-');
        const auto first = try_parse_decimal_int64(part.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : try_parse_decimal_int64(part.substr(dash + 1));
        if (!first || !last || *first < 0 || *last < *first || *last > max_processor) {
            return std::nullopt;
        }
        for (std::int64_t processor = *first; processor <= *last; ++processor) {
            processors.insert(static_cast<std::int32_t>(processor));
        }
    }
    return processors;
}

std::set<std::int32_t> read_cpuset(const ProcessorFiles& files) {
    std::ifstream groups{files.groups_of_process};
    std::string line;
    while (std::getline(groups, line) && !line.starts_with("0::")) {
    }
    if (!line.starts_with("0::")) {
        throw InvalidArgumentError(fmt::format("{} needs cgroup v2, of which '{}' says nothing: set it to false",
                                               setting, files.groups_of_process));
    }
    const std::string path = files.groups + line.substr(3) + "/cpuset.cpus.effective";
    const std::optional<std::string> text = line_of(path);
    const auto processors = text ? parse_list(*text) : std::nullopt;
    if (!processors || processors->empty()) {
        throw InvalidArgumentError(fmt::format(
            "{} finds no list of processors in '{}': give the process a cpuset, or set it to false", setting, path));
    }
    return *processors;
}

std::string list_of(const std::set<std::int32_t>& processors) {
    return fmt::format("{}", fmt::join(processors, ","));
}

/// What files of several processors say, each different text once.
std::set<std::string> texts_of(const std::set<std::int32_t>& processors, const ProcessorFiles& files,
                               const std::vector<std::string_view>& names) {
    std::set<std::string> texts;
    for (const std::int32_t processor : processors) {
        std::string text;
        for (const std::string_view name : names) {
            text += line_of(fmt::format("{}/cpu{}/{}", files.processors, processor, name)).value_or("") + " ";
        }
        texts.insert(text);
    }
    return texts;
}

std::vector<std::string> doubts_about(const std::set<std::int32_t>& processors, const ProcessorFiles& files) {
    std::vector<std::string> doubts;
    std::set<std::int32_t> lacking;
    for (const std::int32_t processor : processors) {
        const auto text = line_of(fmt::format("{}/cpu{}/topology/thread_siblings_list", files.processors, processor));
        const auto siblings = text ? parse_list(*text) : std::nullopt;
        if (siblings) {
            std::set_difference(siblings->begin(), siblings->end(), processors.begin(), processors.end(),
                                std::inserter(lacking, lacking.end()));
        }
    }
    if (!lacking.empty()) {
        doubts.push_back(fmt::format("shares cores with the processors {}, which are not in it", list_of(lacking)));
    }
    if (texts_of(processors, files, {"topology/physical_package_id", "topology/die_id"}).size() > 1) {
        doubts.emplace_back("is spread over several dies");
    }
    if (texts_of(processors, files, {"cache/index3/shared_cpu_list"}).size() > 1) {
        doubts.emplace_back("is spread over several L3 caches");
    }
    return doubts;
}

void number(const std::string_view property, std::int32_t& affinity, const std::set<std::int32_t>& processors) {
    if (affinity < 0) {
        return;
    }
    const auto index = static_cast<std::size_t>(affinity);
    if (index >= processors.size()) {
        throw InvalidArgumentError(
            fmt::format("{}={} is beyond the cpuset, which has {} processors ({}): set it to an index from 0 to {}, or "
                        "to -1",
                        property, affinity, processors.size(), list_of(processors), processors.size() - 1));
    }
    affinity = *std::next(processors.begin(), affinity);
}

}  // namespace

void apply_cpuset(DriverContext& context, const ProcessorFiles& files) {
    if (!context.cpuset_affinity) {
        return;
    }
    const std::set<std::int32_t> processors = read_cpuset(files);
    for (const std::string& doubt : doubts_about(processors, files)) {
        const std::string text = fmt::format("the cpuset {} {}", list_of(processors), doubt);
        if (context.cpuset_warnings_as_errors) {
            throw InvalidArgumentError(
                fmt::format("{}: change it, or set aeron.driver.cpuset.warnings.as.errors to false", text));
        }
        context.warning_handler(fmt::format("WARNING: {}", text));
    }
    number("aeron.conductor.cpu.affinity", context.conductor_cpu_affinity, processors);
    number("aeron.sender.cpu.affinity", context.sender_cpu_affinity, processors);
    number("aeron.receiver.cpu.affinity", context.receiver_cpu_affinity, processors);
    number("aeron.driver.native.resource.agent.cpu.affinity", context.native_resource_agent_cpu_affinity, processors);
}

}  // namespace cpperon::driver
