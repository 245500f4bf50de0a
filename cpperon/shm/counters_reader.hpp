/// Reads the counters of a driver: values, labels and what they belong to. For clients, tools and users.
/// spec: 01 §6.6, 07 §A.5
///
/// The memory is live: a value may change between two calls, and an id that was freed can be allocated again for
/// something else after its cool-down. What is handed out as a `CounterView` is of one life of its counter; who keeps
/// an id keeps a `CounterIdentity`, and asks `value_of`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "cpperon/base/field.hpp"
#include "cpperon/shm/counters_layout.hpp"

namespace cpperon {

/// One life of a counter: its id may be in use for another one later.
struct CounterIdentity {
    std::int32_t id = null_counter_id;
    std::int32_t type_id = 0;
    std::int64_t registration_id = 0;

    friend bool operator==(const CounterIdentity&, const CounterIdentity&) = default;
};

/// One allocated counter, as it was when it was looked at. `label` is valid until the handler returns.
struct CounterView {
    std::int32_t id = null_counter_id;
    std::int32_t type_id = 0;
    std::int64_t value = 0;
    std::int64_t registration_id = 0;
    std::int64_t owner_id = 0;
    std::int64_t reference_id = 0;
    CounterKey key{};
    std::string_view label;

    /// What to keep of it.
    [[nodiscard]] CounterIdentity identity() const noexcept {
        return {.id = id, .type_id = type_id, .registration_id = registration_id};
    }
};

/// A small copyable view of two sections of the CnC file. It owns nothing: the mapping, and with it the client or the
/// file it came from, must outlive it. Reads only. Threads: any number at the same time.
///
/// Every query about one id throws `InvalidArgumentError` when the id is not in 0 to `max_counter_id()`; ask `contains`
/// first where that may happen.
class CountersReader {
public:
    /// Views nothing: no id is contained.
    CountersReader() noexcept = default;

    /// Both sections 8-byte aligned; as many counters as both have whole records for. Throws `InvalidArgumentError`
    /// where they are not aligned.
    CountersReader(std::span<const std::byte> metadata, std::span<const std::byte> values);

    /// The highest id there is room for; -1 if there is none.
    [[nodiscard]] std::int32_t max_counter_id() const noexcept { return count_ - 1; }
    /// Whether there is room for this id, used or not.
    [[nodiscard]] bool contains(const std::int32_t id) const noexcept { return id >= 0 && id < count_; }

    /// Unused, allocated, or freed.
    [[nodiscard]] CounterState state(std::int32_t id) const;
    /// The present one, whoever has the id now.
    [[nodiscard]] std::int64_t value(std::int32_t id) const;
    /// One of `counter_type`, or an application's.
    [[nodiscard]] std::int32_t type_id(std::int32_t id) const;
    /// Identifies what the counter was made for; 0 until recorded.
    [[nodiscard]] std::int64_t registration_id(std::int32_t id) const;
    /// The client that owns it; -1 for the driver's own; 0 if none was recorded.
    [[nodiscard]] std::int64_t owner_id(std::int32_t id) const;
    /// A number that goes with some types; otherwise 0.
    [[nodiscard]] std::int64_t reference_id(std::int32_t id) const;
    /// What it belongs to; `counter_keys.hpp` takes it apart.
    [[nodiscard]] CounterKey key(std::int32_t id) const;
    /// For people. Allocates.
    [[nodiscard]] std::string label(std::int32_t id) const;
    /// Epoch ms from which a freed id may be allocated again.
    [[nodiscard]] std::int64_t free_for_reuse_deadline_ms(std::int32_t id) const;

    /// The value of a counter as long as it lives; nothing once it was freed, whatever its id is used for then. Of two
    /// counters that have one type and registration id, such as the positions of one subscription, compare the key too.
    /// Does not allocate. spec: 01 §6.6
    [[nodiscard]] std::optional<std::int64_t> value_of(const CounterIdentity& counter) const noexcept;

    /// Calls `handler(const CounterView&)` for each allocated counter, in order of id. One that is freed or made while
    /// it is looked at may be left out.
    template <typename Handler>
    requires std::is_invocable_v<Handler&, const CounterView&>
    void for_each(Handler&& handler) const {
        static_cast<void>(find_if([&handler](const CounterView& counter) {
            handler(counter);
            return false;
        }));
    }

    /// The first allocated counter for which `predicate(const CounterView&)` holds.
    template <typename Predicate>
    requires std::is_invocable_r_v<bool, Predicate&, const CounterView&>
    [[nodiscard]] std::optional<std::int32_t> find_if(Predicate&& predicate) const {
        LabelBuffer label_buffer;
        for (std::int32_t id = 0; id < count_; ++id) {
            const CounterState state = load_state(id);
            if (state == CounterState::unused) {
                break;  // ids are handed out densely: nothing follows
            }
            if (state != CounterState::allocated) {
                continue;
            }
            const std::optional<CounterView> counter = try_view(id, label_buffer);
            if (counter && predicate(*counter)) {
                return id;
            }
        }
        return std::nullopt;
    }

    /// The first allocated counter of this type and registration id. A counter that is being allocated at this moment
    /// by a reference driver may be missed: its registration id is written after its state. Does not allocate.
    [[nodiscard]] std::optional<std::int32_t> find(std::int32_t type_id, std::int64_t registration_id) const noexcept;

    /// As `find_if`, among the counters of one type.
    template <typename Predicate>
    requires std::is_invocable_r_v<bool, Predicate&, const CounterView&>
    [[nodiscard]] std::optional<std::int32_t> find(const std::int32_t type_id, Predicate&& predicate) const {
        return find_if([&](const CounterView& counter) { return counter.type_id == type_id && predicate(counter); });
    }

    // The raw sections.
    /// Types, keys and labels.
    [[nodiscard]] std::span<const std::byte> metadata() const noexcept { return metadata_; }
    /// Values, registrations and owners.
    [[nodiscard]] std::span<const std::byte> values() const noexcept { return values_; }

private:
    using LabelBuffer = std::array<char, max_counter_label_length>;

    [[nodiscard]] const shm::CounterMetadataRecord& metadata_record(const std::int32_t id) const noexcept {
        return field_at<shm::CounterMetadataRecord>(metadata_.data() +
                                                    static_cast<std::size_t>(id) * sizeof(shm::CounterMetadataRecord));
    }
    [[nodiscard]] const shm::CounterValuesRecord& values_record(const std::int32_t id) const noexcept {
        return field_at<shm::CounterValuesRecord>(values_.data() +
                                                  static_cast<std::size_t>(id) * sizeof(shm::CounterValuesRecord));
    }
    /// Throws `InvalidArgumentError` unless the id is contained.
    void check(std::int32_t id) const;
    [[nodiscard]] CounterState load_state(std::int32_t id) const noexcept;
    /// Nothing where the counter is not allocated, or changes hands each time it is looked at.
    [[nodiscard]] std::optional<CounterView> try_view(std::int32_t id, LabelBuffer& label_buffer) const noexcept;
    [[nodiscard]] std::string_view load_label(std::int32_t id, LabelBuffer& label_buffer) const noexcept;

    std::span<const std::byte> metadata_;
    std::span<const std::byte> values_;
    std::int32_t count_ = 0;
};

}  // namespace cpperon
