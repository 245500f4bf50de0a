/// Hands out counters: the driver conductor allocates, labels and frees them. spec: 01 §6.3 to §6.5
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cpperon/base/clock.hpp"
#include "cpperon/shm/atomic_counter.hpp"
#include "cpperon/shm/counters_reader.hpp"

namespace cpperon::shm {

/// What a new counter shall be. Key and label are cut at 112 and 380 bytes.
struct CounterSpec {
    std::int32_t type_id = 0;
    std::span<const std::byte> key;
    std::string_view label;
    std::int64_t registration_id = 0;
    std::int64_t owner_id = 0;  ///< client id; -1 for the driver's own and for static counters
    std::int64_t reference_id = 0;
    std::int64_t initial_value = 0;
};

/// Allocates counter ids densely from 0; a freed id is used again, oldest first, once its cool-down is over.
/// Threads: the conductor alone, but for `relabel`. Values may be written by any thread through `counter`.
class CountersManager {
public:
    /// `metadata`, `values`: zero-filled sections, 8-byte aligned, which must outlive the object. `clock`: epoch time,
    /// a cached one will do. `free_to_reuse_timeout_ms`: 0 lets an id be used again at once. Throws
    /// `InvalidArgumentError` for sections that are not aligned or not in the ratio 4 to 1.
    CountersManager(std::span<std::byte> metadata, std::span<std::byte> values, EpochClock& clock,
                    std::int64_t free_to_reuse_timeout_ms);

    /// The id of the new counter, complete and visible; nothing where all ids are in use or cooling down. The caller
    /// reports that as `storage_space` or `generic_error`. spec: 01 §6.3
    [[nodiscard]] std::optional<std::int32_t> allocate(const CounterSpec& spec);

    /// Gives an id back; ignores one that is not allocated. spec: 01 §6.4
    void free(std::int32_t id);

    // The following ignore an id that is not allocated.

    /// Replaces the label, cut at 380 bytes. Readers may see a mixture for a moment. spec: 01 §6.5
    void update_label(std::int32_t id, std::string_view label) noexcept;
    /// Adds to the label as much as fits.
    void append_label(std::int32_t id, std::string_view suffix) noexcept;
    void set_registration_id(std::int32_t id, std::int64_t registration_id) noexcept;
    void set_owner_id(std::int32_t id, std::int64_t owner_id) noexcept;
    void set_reference_id(std::int32_t id, std::int64_t reference_id) noexcept;

    /// Replaces the label of a counter for the agent that writes its value, whose thread calls it. `id` is allocated
    /// and stays so during the call.
    void relabel(std::int32_t id, std::string_view label) const noexcept;

    /// A handle on the value; refers to nothing where the id is out of range.
    [[nodiscard]] AtomicCounter counter(std::int32_t id) const noexcept;
    [[nodiscard]] const CountersReader& reader() const noexcept { return reader_; }

private:
    struct FreedId {
        std::int32_t id = null_counter_id;
        std::int64_t deadline_ms = 0;
    };

    [[nodiscard]] std::optional<std::int32_t> next_id();
    [[nodiscard]] bool is_allocated(std::int32_t id) const noexcept;
    [[nodiscard]] CounterMetadataRecord& metadata_record(std::int32_t id) const noexcept;
    [[nodiscard]] CounterValuesRecord& values_record(std::int32_t id) const noexcept;

    std::span<std::byte> metadata_;
    std::span<std::byte> values_;
    CountersReader reader_;
    EpochClock& clock_;
    std::int64_t free_to_reuse_timeout_ms_;
    // Which ids are in use is decided here alone: other processes can write to the records.
    std::int32_t high_water_mark_ = -1;
    std::vector<bool> allocated_;
    std::deque<FreedId> freed_;  ///< oldest first
};

/// Appends to the label of a counter that another process allocated: what a client does to its heartbeat counter.
/// `metadata`: the whole section. Ignores an id out of range. spec: 01 §6.5, §9.2
void append_counter_label(std::span<std::byte> metadata, std::int32_t id, std::string_view suffix) noexcept;

/// A handle on a value in the values section; refers to nothing where the id is out of range.
[[nodiscard]] AtomicCounter counter_at(std::span<std::byte> values, std::int32_t id) noexcept;

}  // namespace cpperon::shm
