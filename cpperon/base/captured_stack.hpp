/// The stack that an error carries when the library is built with `CPPERON_BACKTRACE`: return addresses, taken when the
/// error is made, turned into text when somebody asks. Used by `Error` only. design §4.6
#pragma once

#include <memory>
#include <string>

namespace cpperon::detail {

/// What it holds is known in captured_stack.cpp alone.
struct CapturedStack;

/// The stack of the caller; null without `CPPERON_BACKTRACE`. Any thread.
[[nodiscard]] std::shared_ptr<const CapturedStack> capture_stack();

/// A line per call, the innermost first, without those that only made and threw the error. Any thread.
[[nodiscard]] std::string describe(const CapturedStack& stack);

}  // namespace cpperon::detail
