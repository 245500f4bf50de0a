/// A value or the reason why there is none; for set-up paths that must not throw. Hot paths have smaller types of their
/// own.
#pragma once

#include <utility>
#include <variant>

#include "cpperon/base/error.hpp"

namespace cpperon {

/// Holds a `T` or an `ErrorInfo`. Asking for the one that is not there is the caller's mistake; `value_or_throw` is the
/// bridge to code with exceptions.
template <typename T>
class [[nodiscard]] Result {
public:
    // NOLINTNEXTLINE(google-explicit-constructor): a value is a result
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    // NOLINTNEXTLINE(google-explicit-constructor): so is an error
    Result(ErrorInfo error) : state_(std::in_place_index<1>, std::move(error)) {}

    /// True where there is a value, false where there is an error.
    [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
    explicit operator bool() const noexcept { return has_value(); }

    /// Only where there is one.
    [[nodiscard]] T& value() & noexcept { return *std::get_if<0>(&state_); }
    /// Only where there is one.
    [[nodiscard]] const T& value() const& noexcept { return *std::get_if<0>(&state_); }
    /// Only where there is one.
    [[nodiscard]] T&& value() && noexcept { return std::move(*std::get_if<0>(&state_)); }
    /// Only where there is no value.
    [[nodiscard]] const ErrorInfo& error() const noexcept { return *std::get_if<1>(&state_); }

    T& operator*() & noexcept { return value(); }
    const T& operator*() const& noexcept { return value(); }
    T* operator->() noexcept { return std::get_if<0>(&state_); }
    const T* operator->() const noexcept { return std::get_if<0>(&state_); }

    /// The value, or throws the subclass of `Error` that fits the error's code.
    [[nodiscard]] T value_or_throw() && {
        if (!has_value()) {
            detail::throw_error(error());
        }
        return std::move(*this).value();
    }

private:
    std::variant<T, ErrorInfo> state_;
};

}  // namespace cpperon
