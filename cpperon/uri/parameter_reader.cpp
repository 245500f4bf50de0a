#include "cpperon/uri/parameter_reader.hpp"

#include <string>

#include <fmt/format.h>

namespace cpperon::uri {

template <typename T>
std::optional<T> ParameterReader::number(const std::string_view key, Result<T> (*parse)(std::string_view),
                                         const std::string_view type) {
    const std::optional<std::string_view> value = text(key);
    if (!value) {
        return std::nullopt;
    }
    Result<T> parsed = parse(*value);
    if (!parsed) {
        fail({.code = ErrorCode::generic_error,
              .message = fmt::format("could not parse {}={}{} in URI: {}", key, *value, type, parsed.error().message)});
        return std::nullopt;
    }
    return parsed.value();
}

std::optional<bool> ParameterReader::boolean(const std::string_view key) {
    const std::optional<std::string_view> value = text(key);
    return value ? take(try_parse_bool(key, *value)) : std::nullopt;
}

std::optional<std::int64_t> ParameterReader::size(const std::string_view key) {
    return number(key, &try_parse_size, "");
}

std::optional<std::int64_t> ParameterReader::duration_ns(const std::string_view key) {
    return number(key, &try_parse_duration_ns, "");
}

std::optional<std::int32_t> ParameterReader::int32(const std::string_view key) {
    return number(key, &try_parse_int32, " as int32_t");
}

std::optional<std::int64_t> ParameterReader::int64(const std::string_view key) {
    return number(key, &try_parse_int64, " as int64_t");
}

}  // namespace cpperon::uri
