/// What the facts of a machine mean for a driver: the judgement of `cpperon doctor`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "cpperon/driver/context.hpp"
#include "tools/machine_facts.hpp"

namespace cpperon::tools {

enum class Verdict {
    ok,
    note,     ///< worth knowing; a driver runs
    problem,  ///< a driver does not run, or not as configured
};

[[nodiscard]] std::string_view to_string(Verdict verdict) noexcept;

/// One thing that was looked at.
struct Finding {
    std::string check;  ///< what: `receive buffer`
    Verdict verdict = Verdict::ok;
    std::string measured;  ///< how it is
    std::string wanted{};  ///< how it should be
    std::string reason{};  ///< what it does to messages
    std::string fix{};     ///< a command, or what else to do; empty where all is well
};

/// In the order in which they are told.
[[nodiscard]] std::vector<Finding> diagnose(const MachineFacts& facts, const DriverContext& context);

[[nodiscard]] bool has_problem(const std::vector<Finding>& findings) noexcept;

void to_json(nlohmann::json& json, const Finding& finding);

}  // namespace cpperon::tools
