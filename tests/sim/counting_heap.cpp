/// Counts what is on the heap, for the census of programs that are linked with this file.
#include <cstdlib>
#include <malloc.h>
#include <new>

#include "sim/census.hpp"

namespace {

void* counted(void* const memory) {
    if (memory == nullptr) {
        throw std::bad_alloc{};
    }
    cpperon::sim::HeapUse& use = cpperon::sim::heap_use();
    // relaxed: numbers only.
    use.blocks.fetch_add(1, std::memory_order_relaxed);
    use.bytes.fetch_add(static_cast<std::int64_t>(::malloc_usable_size(memory)), std::memory_order_relaxed);
    return memory;
}

void discount(void* const memory) noexcept {
    if (memory != nullptr) {
        cpperon::sim::HeapUse& use = cpperon::sim::heap_use();
        // relaxed: numbers only.
        use.blocks.fetch_sub(1, std::memory_order_relaxed);
        use.bytes.fetch_sub(static_cast<std::int64_t>(::malloc_usable_size(memory)), std::memory_order_relaxed);
        std::free(memory);
    }
}

}  // namespace

void* operator new(const std::size_t length) {
    return counted(std::malloc(length == 0 ? 1 : length));
}

void* operator new(const std::size_t length, const std::align_val_t alignment) {
    const auto boundary = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(boundary, (length + boundary - 1) / boundary * boundary));
}

void operator delete(void* const memory) noexcept {
    discount(memory);
}

void operator delete(void* const memory, std::size_t /*length*/) noexcept {
    discount(memory);
}

void operator delete(void* const memory, std::align_val_t /*alignment*/) noexcept {
    discount(memory);
}

void operator delete(void* const memory, std::size_t /*length*/, std::align_val_t /*alignment*/) noexcept {
    discount(memory);
}
