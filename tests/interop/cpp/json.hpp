/// Writes the answers of a peer: just enough JSON. One thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace interop {

/// A member's value as text that is JSON already.
struct Json {
    std::string text;
};

inline Json to_json(const std::string_view value) {
    std::string text = "\"";
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            text += '\\';
            text += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            text += c;
        }
    }
    return {text + '"'};
}
inline Json to_json(const bool value) {
    return {value ? "true" : "false"};
}
template <std::integral Number>
Json to_json(const Number value) {
    return {fmt::to_string(value)};
}
template <typename Identity>
requires std::is_enum_v<Identity> Json to_json(const Identity value) {
    return {fmt::to_string(static_cast<std::underlying_type_t<Identity>>(value))};
}
inline Json to_json(const Json& value) {
    return value;
}
inline Json to_json(const std::vector<Json>& values) {
    std::string text;
    for (const Json& value : values) {
        text += (text.empty() ? "" : ",") + value.text;
    }
    return {'[' + text + ']'};
}

/// An object, built by adding one member after the other.
class Facts {
public:
    template <typename Value>
    Facts& add(const std::string_view name, const Value& value) {
        text_ += (text_.empty() ? "" : ",") + to_json(name).text + ':' + to_json(value).text;
        return *this;
    }
    [[nodiscard]] Json json() const { return {'{' + text_ + '}'}; }

private:
    std::string text_;
};

inline Json to_json(const Facts& facts) {
    return facts.json();
}

}  // namespace interop
