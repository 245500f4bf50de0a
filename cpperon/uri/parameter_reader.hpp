/// Reads one optional parameter after the other and remembers the first that is wrong, so that a struct of parameters
/// is filled in a list of plain lines whose order is the order in which mistakes are reported. Internal to the uri
/// room.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "cpperon/base/parse_value.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/uri/channel_uri.hpp"
#include "cpperon/uri/values.hpp"

namespace cpperon::uri {

class ParameterReader {
public:
    /// `uri` must outlive the reader.
    explicit ParameterReader(const ChannelUri& uri) : uri_(uri) {}

    [[nodiscard]] bool is_ok() const noexcept { return !error_; }
    [[nodiscard]] const std::optional<ErrorInfo>& error() const noexcept { return error_; }

    void fail(ErrorInfo error) {
        if (!error_) {
            error_ = std::move(error);
        }
    }

    /// Notes the outcome of a check.
    void require(std::optional<ErrorInfo> error) {
        if (error) {
            fail(*std::move(error));
        }
    }

    /// The value of `key`, unless it is absent or something was wrong before.
    [[nodiscard]] std::optional<std::string_view> text(const std::string_view key) const noexcept {
        return error_ ? std::nullopt : uri_.get(key);
    }

    /// The value of `key` as that type; nothing if it is absent, or if anything was wrong.
    [[nodiscard]] std::optional<bool> boolean(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> size(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> duration_ns(std::string_view key);
    [[nodiscard]] std::optional<std::int32_t> int32(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> int64(std::string_view key);

    /// Takes a parsed value, or its error.
    template <typename T>
    [[nodiscard]] std::optional<T> take(Result<T> result) {
        if (!result) {
            fail(result.error());
            return std::nullopt;
        }
        return std::move(result).value();
    }

private:
    template <typename T>
    std::optional<T> number(std::string_view key, Result<T> (*parse)(std::string_view), std::string_view type);

    const ChannelUri& uri_;
    std::optional<ErrorInfo> error_;
};

}  // namespace cpperon::uri
