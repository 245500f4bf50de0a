#include "cpperon/shm/counters_reader.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "cpperon/base/atomic.hpp"
#include "cpperon/base/error.hpp"
#include "cpperon/base/shared_bytes.hpp"

namespace cpperon {

namespace {

CounterKey load_key(const shm::CounterMetadataRecord& record) noexcept {
    CounterKey key;
    load_bytes_relaxed(key, record.key);
    return key;
}

}  // namespace

CountersReader::CountersReader(const std::span<const std::byte> metadata, const std::span<const std::byte> values)
    : metadata_(metadata), values_(values) {
    if (!is_aligned_for_atomics(metadata) || !is_aligned_for_atomics(values)) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("the counters sections at {} and {} are not 8-byte aligned; pass the sections "
                                         "of a mapped CnC file",
                                         fmt::ptr(metadata.data()), fmt::ptr(values.data()))});
    }
    const std::size_t count = std::min(metadata.size() / sizeof(shm::CounterMetadataRecord),
                                       values.size() / sizeof(shm::CounterValuesRecord));
    count_ = static_cast<std::int32_t>(
        std::min<std::size_t>(count, static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max())));
}

void CountersReader::check(const std::int32_t id) const {
    if (!contains(id)) {
        detail::throw_error({ErrorCode::invalid_argument,
                             fmt::format("there is no counter with id {}: ids go from 0 to {}", id, max_counter_id())});
    }
}

CounterState CountersReader::load_state(const std::int32_t id) const noexcept {
    // acquire [counter-state] <- CountersManager::allocate, ours or a reference driver's: type, key, label are
    // complete.
    return static_cast<CounterState>(load_acquire(metadata_record(id).state));
}

CounterState CountersReader::state(const std::int32_t id) const {
    check(id);
    return load_state(id);
}

std::int64_t CountersReader::value(const std::int32_t id) const {
    check(id);
    // acquire [counter-value] <- AtomicCounter, ours or a peer's
    return load_acquire(values_record(id).value);
}

std::int32_t CountersReader::type_id(const std::int32_t id) const {
    check(id);
    // relaxed: ordered by the state, which the caller looked at.
    return load_relaxed(metadata_record(id).type_id);
}

std::int64_t CountersReader::registration_id(const std::int32_t id) const {
    check(id);
    // acquire [counter-registration] <- CountersManager, ours or a reference driver's
    return load_acquire(values_record(id).registration_id);
}

std::int64_t CountersReader::owner_id(const std::int32_t id) const {
    check(id);
    // relaxed: constant while the counter lives.
    return load_relaxed(values_record(id).owner_id);
}

std::int64_t CountersReader::reference_id(const std::int32_t id) const {
    check(id);
    // relaxed: constant while the counter lives.
    return load_relaxed(values_record(id).reference_id);
}

CounterKey CountersReader::key(const std::int32_t id) const {
    check(id);
    return load_key(metadata_record(id));
}

std::string CountersReader::label(const std::int32_t id) const {
    check(id);
    LabelBuffer buffer;
    return std::string{load_label(id, buffer)};
}

std::int64_t CountersReader::free_for_reuse_deadline_ms(const std::int32_t id) const {
    check(id);
    // acquire [counter-state]: with the state before it.
    return load_acquire(metadata_record(id).free_for_reuse_deadline_ms);
}

std::optional<std::int32_t> CountersReader::find(const std::int32_t type_id,
                                                 const std::int64_t registration_id) const noexcept {
    for (std::int32_t id = 0; id < count_; ++id) {
        const CounterState state = load_state(id);
        if (state == CounterState::unused) {
            break;
        }
        // relaxed: type_id is ordered by the state. acquire [counter-registration], as above.
        if (state == CounterState::allocated && load_relaxed(metadata_record(id).type_id) == type_id &&
            load_acquire(values_record(id).registration_id) == registration_id) {
            return id;
        }
    }
    return std::nullopt;
}

std::string_view CountersReader::load_label(const std::int32_t id, LabelBuffer& label_buffer) const noexcept {
    const shm::CounterMetadataRecord& record = metadata_record(id);
    // acquire [counter-label] <- CountersManager, append_counter_label, ours or a peer's. Clamped: any process may
    // write.
    const std::int32_t length = std::clamp(load_acquire(record.label_length), 0, max_counter_label_length);
    const auto bytes = std::as_writable_bytes(std::span{label_buffer}).first(static_cast<std::size_t>(length));
    load_bytes_relaxed(bytes, record.label);
    return {label_buffer.data(), bytes.size()};
}

CounterView CountersReader::view(const std::int32_t id, LabelBuffer& label_buffer) const noexcept {
    const shm::CounterMetadataRecord& metadata = metadata_record(id);
    const shm::CounterValuesRecord& values = values_record(id);
    return {.id = id,
            .type_id = load_relaxed(metadata.type_id),
            .value = load_acquire(values.value),
            .registration_id = load_acquire(values.registration_id),
            .owner_id = load_relaxed(values.owner_id),
            .reference_id = load_relaxed(values.reference_id),
            .key = load_key(metadata),
            .label = load_label(id, label_buffer)};
}

}  // namespace cpperon
