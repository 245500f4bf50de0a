#include "cpperon/client/client_heartbeat.hpp"

#include <fmt/format.h>

#include "cpperon/base/version.hpp"
#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counters_manager.hpp"

namespace cpperon::client {

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
    return reader_.state(id) == CounterState::allocated &&
           ClientHeartbeatKey::decode(reader_.type_id(id), reader_.key(id)) == ClientHeartbeatKey{client_id_};
}

std::optional<std::int32_t> ClientHeartbeat::find() const {
    return reader_.find_if([&](const CounterView& counter) {
        return ClientHeartbeatKey::decode(counter.type_id, counter.key) == ClientHeartbeatKey{client_id_};
    });
}

}  // namespace cpperon::client
