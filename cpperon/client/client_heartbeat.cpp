#include "cpperon/client/client_heartbeat.hpp"

#include <cstring>

#include <fmt/format.h>

#include "cpperon/base/version.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::client {

namespace {

std::int64_t client_id_in(const CounterKey& key) noexcept {
    std::int64_t id = 0;
    std::memcpy(&id, key.data(), sizeof(id));
    return id;
}

}  // namespace

ClientHeartbeat::ClientHeartbeat(const std::span<std::byte> metadata, const std::span<std::byte> values,
                                 const std::int64_t client_id, const std::string_view name)
    : metadata_(metadata),
      values_(values),
      reader_(metadata, values),
      client_id_(client_id),
      label_suffix_(fmt::format(" name={} version={} commit={}", name, version_text, build_commit())) {}

ClientHeartbeat::Outcome ClientHeartbeat::beat(const std::int64_t now_ms) {
    if (!id_) {
        id_ = find();
        if (!id_) {
            return Outcome::not_found;
        }
        shm::append_counter_label(metadata_, *id_, label_suffix_);
    } else if (!is_own(*id_)) {
        return Outcome::lost;
    }
    // release [counter-value] -> the driver's liveness check.
    shm::counter_at(values_, *id_).set_release(now_ms);
    return Outcome::stored;
}

bool ClientHeartbeat::is_own(const std::int32_t id) const {
    return reader_.state(id) == CounterState::allocated && reader_.type_id(id) == client_heartbeat_type_id &&
           client_id_in(reader_.key(id)) == client_id_;
}

std::optional<std::int32_t> ClientHeartbeat::find() const {
    return reader_.find(client_heartbeat_type_id,
                        [&](const CounterView& counter) { return client_id_in(counter.key) == client_id_; });
}

}  // namespace cpperon::client
