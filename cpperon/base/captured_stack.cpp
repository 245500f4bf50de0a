#include "cpperon/base/captured_stack.hpp"

#if defined(CPPERON_BACKTRACE)

#include <backward.hpp>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <string_view>

#include <fmt/format.h>

namespace cpperon::detail {

struct CapturedStack {
    backward::StackTrace addresses;
};

namespace {

constexpr std::size_t deepest = 64;

/// `cpperon::IoError::IoError(...)`
bool is_constructor_of_an_error(const std::string_view function) {
    const std::string_view name = function.substr(0, function.find('('));
    const std::size_t separator = name.rfind("::");
    return separator != std::string_view::npos && name.ends_with("Error") &&
           name.substr(0, separator).ends_with(name.substr(separator + 2));
}

/// Whether the call has to do with making the error, not with what went wrong.
bool is_of_the_error_itself(const std::string_view function) {
    return function.starts_with("backward::") || function.find("backward::details::") != std::string_view::npos ||
           function.find("cpperon::detail::") != std::string_view::npos || is_constructor_of_an_error(function);
}

}  // namespace

std::shared_ptr<const CapturedStack> capture_stack() {
    auto stack = std::make_shared<CapturedStack>();
    stack->addresses.load_here(deepest);
    return stack;
}

std::string describe(const CapturedStack& stack) {
    // The library behind it has state of its own that it does not guard.
    static std::mutex one_at_a_time;
    const std::lock_guard lock{one_at_a_time};
    backward::TraceResolver resolver;
    resolver.load_stacktrace(stack.addresses);

    std::string text;
    int number = 0;
    for (std::size_t i = 0; i < stack.addresses.size(); ++i) {
        const backward::ResolvedTrace call = resolver.resolve(stack.addresses[i]);
        if (number == 0 && is_of_the_error_itself(call.object_function)) {
            continue;
        }
        const std::string_view function = call.object_function.empty() ? "?" : std::string_view{call.object_function};
        fmt::format_to(std::back_inserter(text), "#{} {} ", number++, function);
        if (call.source.filename.empty()) {
            fmt::format_to(std::back_inserter(text), "in {}\n", call.object_filename);
        } else {
            fmt::format_to(std::back_inserter(text), "at {}:{}\n", call.source.filename, call.source.line);
        }
    }
    return text;
}

}  // namespace cpperon::detail

#else

namespace cpperon::detail {

struct CapturedStack {};

std::shared_ptr<const CapturedStack> capture_stack() {
    return nullptr;
}

std::string describe(const CapturedStack& /*stack*/) {
    return {};
}

}  // namespace cpperon::detail

#endif
