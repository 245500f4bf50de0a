#include "cpperon/driver/conductor/client_registry.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <fmt/format.h>

#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counter_types.hpp"

namespace cpperon::driver {

bool Client::is_dead(const std::int64_t now_ms, const std::int64_t liveness_timeout_ms) const noexcept {
    // The value comes from another process, and may be anything: a heartbeat in the far future is alive.
    const std::int64_t last_heartbeat_ms = heartbeat.get();
    return last_heartbeat_ms <= std::numeric_limits<std::int64_t>::max() - liveness_timeout_ms &&
           now_ms > last_heartbeat_ms + liveness_timeout_ms;
}

Client* ClientRegistry::find(const std::int64_t client_id) noexcept {
    const auto found = std::find_if(clients_.begin(), clients_.end(),
                                    [client_id](const auto& client) { return client->id == client_id; });
    return found == clients_.end() ? nullptr : found->get();
}

Client& ClientRegistry::add(const std::int64_t client_id, const std::int64_t now_ms, shm::CountersManager& counters) {
    const std::string label = fmt::format("client-heartbeat: id={}", client_id);
    const CounterKey key = ClientHeartbeatKey{.client_id = client_id}.encode();
    auto client = std::make_unique<Client>();
    client->id = client_id;
    client->heartbeat = OwnedCounter::allocate(counters, {.type_id = counter_type::client_heartbeat,
                                                          .key = key,
                                                          .label = label,
                                                          .registration_id = client_id,
                                                          .owner_id = client_id,
                                                          .initial_value = now_ms});
    return *clients_.emplace_back(std::move(client));
}

std::unique_ptr<Client> ClientRegistry::take_dead(const std::int64_t now_ms, const std::int64_t liveness_timeout_ms) {
    const auto dead = std::find_if(clients_.rbegin(), clients_.rend(),
                                   [&](const auto& client) { return client->is_dead(now_ms, liveness_timeout_ms); });
    if (dead == clients_.rend()) {
        return nullptr;
    }
    std::unique_ptr<Client> taken = std::move(*dead);
    clients_.erase(std::next(dead).base());
    return taken;
}

}  // namespace cpperon::driver
