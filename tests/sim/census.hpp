/// What this process holds at a moment, to tell a leak from what merely comes and goes. Heap blocks are counted only in
/// programs that bring their own `operator new`: see counting_heap.cpp.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cpperon::sim {

/// Of all that `operator new` gave and `operator delete` has not got back.
struct HeapUse {
    std::atomic<std::int64_t> blocks{0};
    std::atomic<std::int64_t> bytes{0};
};
/// Zero where nobody counts.
[[nodiscard]] HeapUse& heap_use() noexcept;

struct Census {
    std::int64_t heap_blocks = 0;
    std::int64_t heap_bytes = 0;
    std::int64_t descriptors = 0;
    std::int64_t mappings = 0;  ///< of files whose path holds a text

    [[nodiscard]] std::string describe() const;
};

/// `path_part`: what the path of every directory of the simulation holds.
[[nodiscard]] Census take_census(std::string_view path_part);

}  // namespace cpperon::sim
