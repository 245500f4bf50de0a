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

/// How often a counter is looked at that is freed and made again meanwhile: a hostile process could go on for ever.
constexpr int max_view_attempts = 4;

/// What tells two lives of one id from each other: no two have all of it in common. In the order in which drivers write
/// it, all before or after the state, so that with an unchanged state in between it is a version number.
struct Life {
    std::int64_t registration_id = 0;
    std::int64_t reference_id = 0;
    std::int32_t type_id = 0;

    friend bool operator==(const Life&, const Life&) = default;
};

Life life_of(const shm::CounterMetadataRecord& metadata, const shm::CounterValuesRecord& values) noexcept {
    // acquire [counter-registration], [counter-state] <- CountersManager, ours or a reference driver's: what is read
    // next is of this life or a later one.
    return {.registration_id = load_acquire(values.registration_id),
            .reference_id = load_acquire(values.reference_id),
            .type_id = load_acquire(metadata.type_id)};
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

std::optional<std::int64_t> CountersReader::value_of(const CounterIdentity& counter) const noexcept {
    if (!contains(counter.id)) {
        return std::nullopt;
    }
    // acquire [counter-value] <- AtomicCounter; and [counter-registration] <- CountersManager, which takes the
    // registration id away before it resets the value: a value of the next life is followed by that life's id.
    const std::int64_t value = load_acquire(values_record(counter.id).value);
    const bool is_alive = load_acquire(values_record(counter.id).registration_id) == counter.registration_id &&
                          load_state(counter.id) == CounterState::allocated &&
                          // relaxed: ordered by the state.
                          load_relaxed(metadata_record(counter.id).type_id) == counter.type_id;
    return is_alive ? std::optional{value} : std::nullopt;
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

std::optional<CounterView> CountersReader::try_view(const std::int32_t id, LabelBuffer& label_buffer) const noexcept {
    const shm::CounterMetadataRecord& metadata = metadata_record(id);
    const shm::CounterValuesRecord& values = values_record(id);
    for (int attempt = 0; attempt < max_view_attempts; ++attempt) {
        const Life life = life_of(metadata, values);
        if (load_state(id) != CounterState::allocated) {
            return std::nullopt;
        }
        const CounterView view{.id = id,
                               .type_id = life.type_id,
                               // acquire [counter-value] <- AtomicCounter, ours or a peer's
                               .value = load_acquire(values.value),
                               .registration_id = life.registration_id,
                               // relaxed: if it is of another life, so is the state or the life that we look at next.
                               .owner_id = load_relaxed(values.owner_id),
                               .reference_id = life.reference_id,
                               .key = load_key(metadata),
                               .label = load_label(id, label_buffer)};
        // [counter-state] <- CountersManager::free: whoever has seen a byte of the next life sees this one's end.
        acquire_fence();
        if (load_state(id) == CounterState::allocated && life_of(metadata, values) == life) {
            return view;
        }
    }
    return std::nullopt;
}

}  // namespace cpperon
