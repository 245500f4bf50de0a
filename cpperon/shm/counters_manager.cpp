#include "cpperon/shm/counters_manager.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/shared_bytes.hpp"

namespace cpperon::shm {

namespace {

std::span<const std::byte> first_bytes(const std::string_view text, const std::size_t limit) noexcept {
    return std::as_bytes(std::span{text.data(), std::min(text.size(), limit)});
}

void store_label(CounterMetadataRecord& record, const std::string_view label) noexcept {
    const std::span<const std::byte> bytes = first_bytes(label, max_counter_label_length);
    store_bytes_relaxed(record.label, bytes);
    // release [counter-label] -> CountersReader::load_label: the bytes are there before the length counts them.
    store_release(record.label_length, static_cast<std::int32_t>(bytes.size()));
}

void append_to_label(CounterMetadataRecord& record, const std::string_view suffix) noexcept {
    // acquire [counter-label] <- store_label, append_to_label in the driver: appends behind what is complete.
    const std::int32_t length = std::clamp(load_acquire(record.label_length), 0, max_counter_label_length);
    const std::span<const std::byte> bytes =
        first_bytes(suffix, static_cast<std::size_t>(max_counter_label_length - length));
    store_bytes_relaxed(record.label + length, bytes);
    // release [counter-label], as above
    store_release(record.label_length, static_cast<std::int32_t>(length + static_cast<std::int32_t>(bytes.size())));
}

void store_key(CounterMetadataRecord& record, const std::span<const std::byte> key) noexcept {
    store_bytes_relaxed(record.key, key.first(std::min<std::size_t>(key.size(), max_counter_key_length)));
}

template <typename Record>
Record* record_at(const std::span<std::byte> section, const std::int32_t id) noexcept {
    if (id < 0 || static_cast<std::size_t>(id) >= section.size() / sizeof(Record)) {
        return nullptr;
    }
    return &field_at<Record>(section.data() + static_cast<std::size_t>(id) * sizeof(Record));
}

}  // namespace

CountersManager::CountersManager(const std::span<std::byte> metadata, const std::span<std::byte> values,
                                 EpochClock& clock, const std::int64_t free_to_reuse_timeout_ms)
    : metadata_(metadata),
      values_(values),
      reader_(metadata, values),
      clock_(clock),
      free_to_reuse_timeout_ms_(free_to_reuse_timeout_ms),
      allocated_(static_cast<std::size_t>(reader_.max_counter_id() + 1)) {
    if (metadata.size() / sizeof(CounterMetadataRecord) != values.size() / sizeof(CounterValuesRecord)) {
        detail::throw_error(
            {ErrorCode::invalid_argument,
             fmt::format("the counters metadata section has {} bytes and the values section {}: the first must be 4 "
                         "times the second",
                         metadata.size(), values.size())});
    }
    if (free_to_reuse_timeout_ms < 0) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the counters' free-to-reuse timeout is {} ms, it may not be negative",
                                         free_to_reuse_timeout_ms)});
    }
}

std::optional<std::int32_t> CountersManager::next_id() {
    const std::int64_t now_ms = clock_.epoch_ms();
    const auto reusable = std::find_if(freed_.begin(), freed_.end(),
                                       [now_ms](const FreedId& freed) { return freed.deadline_ms <= now_ms; });
    if (reusable != freed_.end()) {
        const std::int32_t id = reusable->id;
        freed_.erase(reusable);
        return id;
    }
    if (high_water_mark_ == reader_.max_counter_id()) {
        return std::nullopt;
    }
    return ++high_water_mark_;
}

std::optional<std::int32_t> CountersManager::allocate(const CounterSpec& spec) {
    const std::optional<std::int32_t> id = next_id();
    if (!id) {
        return std::nullopt;
    }
    // All of it before the state, also what a reference driver writes after it: so nobody finds half a counter.
    CounterValuesRecord& values = values_record(*id);
    store_relaxed(values.owner_id, spec.owner_id);
    store_relaxed(values.reference_id, spec.reference_id);
    // release [counter-registration], [counter-value] -> CountersReader
    store_release(values.registration_id, spec.registration_id);
    store_release(values.value, spec.initial_value);

    CounterMetadataRecord& metadata = metadata_record(*id);
    store_relaxed(metadata.type_id, spec.type_id);
    store_relaxed(metadata.free_for_reuse_deadline_ms, counter_never_reusable);
    store_key(metadata, spec.key);
    store_label(metadata, spec.label);
    // release [counter-state] -> CountersReader::load_state, ours or a peer's: everything about the counter is
    // complete.
    store_release(metadata.state, static_cast<std::int32_t>(CounterState::allocated));
    allocated_[static_cast<std::size_t>(*id)] = true;
    return id;
}

void CountersManager::free(const std::int32_t id) {
    if (!is_allocated(id)) {
        return;
    }
    CounterMetadataRecord& metadata = metadata_record(id);
    // release [counter-state] -> CountersReader::load_state: no reader takes a zeroed key for a live counter's.
    store_release(metadata.state, static_cast<std::int32_t>(CounterState::reclaimed));
    release_fence();
    store_key(metadata, CounterKey{});
    const std::int64_t now_ms = clock_.epoch_ms();
    const std::int64_t deadline_ms = now_ms > std::numeric_limits<std::int64_t>::max() - free_to_reuse_timeout_ms_
                                         ? std::numeric_limits<std::int64_t>::max()
                                         : now_ms + free_to_reuse_timeout_ms_;
    // release [counter-state]: for readers of the deadline.
    store_release(metadata.free_for_reuse_deadline_ms, deadline_ms);
    allocated_[static_cast<std::size_t>(id)] = false;
    freed_.push_back({.id = id, .deadline_ms = deadline_ms});
}

void CountersManager::update_label(const std::int32_t id, const std::string_view label) noexcept {
    if (is_allocated(id)) {
        store_label(metadata_record(id), label);
    }
}

void CountersManager::relabel(const std::int32_t id, const std::string_view label) const noexcept {
    store_label(metadata_record(id), label);
}

void CountersManager::append_label(const std::int32_t id, const std::string_view suffix) noexcept {
    if (is_allocated(id)) {
        append_to_label(metadata_record(id), suffix);
    }
}

void CountersManager::set_registration_id(const std::int32_t id, const std::int64_t registration_id) noexcept {
    if (is_allocated(id)) {
        // release [counter-registration] -> CountersReader::find
        store_release(values_record(id).registration_id, registration_id);
    }
}

void CountersManager::set_owner_id(const std::int32_t id, const std::int64_t owner_id) noexcept {
    if (is_allocated(id)) {
        // relaxed: nothing depends on it.
        store_relaxed(values_record(id).owner_id, owner_id);
    }
}

void CountersManager::set_reference_id(const std::int32_t id, const std::int64_t reference_id) noexcept {
    if (is_allocated(id)) {
        // relaxed: nothing depends on it.
        store_relaxed(values_record(id).reference_id, reference_id);
    }
}

AtomicCounter CountersManager::counter(const std::int32_t id) const noexcept {
    return counter_at(values_, id);
}

bool CountersManager::is_allocated(const std::int32_t id) const noexcept {
    return reader_.contains(id) && allocated_[static_cast<std::size_t>(id)];
}

CounterMetadataRecord& CountersManager::metadata_record(const std::int32_t id) const noexcept {
    return *record_at<CounterMetadataRecord>(metadata_, id);
}

CounterValuesRecord& CountersManager::values_record(const std::int32_t id) const noexcept {
    return *record_at<CounterValuesRecord>(values_, id);
}

void append_counter_label(const std::span<std::byte> metadata, const std::int32_t id,
                          const std::string_view suffix) noexcept {
    if (CounterMetadataRecord* const record = record_at<CounterMetadataRecord>(metadata, id)) {
        append_to_label(*record, suffix);
    }
}

AtomicCounter counter_at(const std::span<std::byte> values, const std::int32_t id) noexcept {
    CounterValuesRecord* const record = record_at<CounterValuesRecord>(values, id);
    return record == nullptr ? AtomicCounter{} : AtomicCounter{record->value};
}

}  // namespace cpperon::shm
