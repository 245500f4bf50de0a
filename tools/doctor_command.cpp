/// `cpperon doctor`: whether this machine is fit for a driver, and what to do if it is not.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/command.hpp"
#include "tools/diagnosis.hpp"
#include "tools/driver_settings.hpp"
#include "tools/machine_probes.hpp"

namespace cpperon::tools {

namespace {

struct Options {
    DriverSettings settings;
    bool is_json = false;
};

void print(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
        fmt::print("{:<8} {:<20} {}\n", to_string(finding.verdict), finding.check, finding.measured);
        if (finding.verdict == Verdict::ok) {
            continue;
        }
        for (const auto& [name, text] :
             {std::pair{"wanted", finding.wanted}, {"why", finding.reason}, {"fix", finding.fix}}) {
            if (!text.empty()) {
                fmt::print("{:>29}{:<7} {}\n", "", name, text);
            }
        }
    }
    const auto count = [&findings](const Verdict verdict) {
        return std::count_if(findings.begin(), findings.end(),
                             [verdict](const Finding& finding) { return finding.verdict == verdict; });
    };
    fmt::print("\n{} ok, {} to note, {} {}\n", count(Verdict::ok), count(Verdict::note), count(Verdict::problem),
               count(Verdict::problem) == 1 ? "problem" : "problems");
}

}  // namespace

Action add_doctor(CLI::App& command) {
    const auto options = std::make_shared<Options>();
    options->settings.add_definitions_to(command);
    options->settings.add_files_to(command);
    command.add_flag("--json", options->is_json, "As one JSON object");
    command.footer(
        "It looks, and changes nothing: the commands are for you. Settings of the driver are taken as cpperond takes "
        "them; run it where the driver will run, with its user, limits and container. Exit status: 1 if there is a "
        "problem, else 0.");
    return [options] {
        const DriverContext context = options->settings.configuration().make_context();
        const std::vector<Finding> findings = diagnose(look_at_machine(context), context);
        if (options->is_json) {
            fmt::print("{}\n", nlohmann::json{{"has_problem", has_problem(findings)}, {"findings", findings}}.dump());
        } else {
            print(findings);
        }
        return has_problem(findings) ? 1 : 0;
    };
}

}  // namespace cpperon::tools
