#include "cpperon/base/environment.hpp"

#include <cstdlib>

namespace cpperon {

EnvironmentLookup process_environment() {
    return [](const std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string{name}.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>{value};
    };
}

}  // namespace cpperon
