/// What a thread can ask of the system for itself: a name and a processor.
#pragma once

#include <string_view>

namespace cpperon {

/// Names the calling thread in `top` and debuggers; cut to 15 bytes.
void name_this_thread(std::string_view name) noexcept;

/// Keeps the calling thread on one processor. Throws `IoError` where that cannot be had.
void keep_this_thread_on(int processor);

}  // namespace cpperon
