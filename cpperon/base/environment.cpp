#include "cpperon/base/environment.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace cpperon {

EnvironmentLookup process_environment() {
    return [](const std::string_view name) -> std::optional<std::string> {
        const char* const value = std::getenv(std::string{name}.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>{value};
    };
}

std::string environment_name(const std::string_view property) {
    std::string name{property};
    std::transform(name.begin(), name.end(), name.begin(), [](const char character) {
        return character == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
    });
    return name;
}

}  // namespace cpperon
