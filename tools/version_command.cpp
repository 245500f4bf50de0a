/// `cpperon version`.
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cpperon/base/version.hpp"
#include "tools/command.hpp"

namespace cpperon::tools {

Action add_version(CLI::App& command) {
    const auto is_json = std::make_shared<bool>(false);
    command.add_flag("--json", *is_json, "As one JSON object");
    return [is_json] {
        if (*is_json) {
            fmt::print("{}\n", nlohmann::json{{"version", version_text}, {"commit", build_commit()}}.dump());
        } else {
            fmt::print("{}\n", version_full());
        }
        return 0;
    };
}

}  // namespace cpperon::tools
