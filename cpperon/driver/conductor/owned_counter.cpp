#include "cpperon/driver/conductor/owned_counter.hpp"

#include <fmt/format.h>

#include "cpperon/base/error.hpp"

namespace cpperon::driver {

OwnedCounter OwnedCounter::allocate(shm::CountersManager& manager, const shm::CounterSpec& spec) {
    const std::optional<std::int32_t> id = manager.allocate(spec);
    if (!id) {
        throw Error(
            ErrorCode::generic_error,
            fmt::format("no counter is free for '{}': {} are in use or cooling down; configure a longer counters "
                        "buffer (aeron.counters.buffer.length)",
                        spec.label, manager.reader().max_counter_id() + 1));
    }
    return {manager, *id};
}

}  // namespace cpperon::driver
