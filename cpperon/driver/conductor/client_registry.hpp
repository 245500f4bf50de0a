/// Who is there: the clients that have added something, with what each holds. Conductor only.
/// spec: 02 §9, 06 §7.4
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "cpperon/driver/conductor/owned_counter.hpp"

namespace cpperon::driver {

/// A client's hold on a publication. `registration_id` names this handle, `original_registration_id` the publication.
struct PublicationLink {
    std::int64_t registration_id = 0;
    std::int64_t original_registration_id = 0;
};

/// A counter that a client asked for.
struct UserCounter {
    std::int64_t registration_id = 0;
    OwnedCounter counter;
};

/// What the driver knows of one client. Its subscriptions stand in the lists of subscriptions, under its id.
struct Client {
    std::int64_t id = 0;
    OwnedCounter heartbeat;  ///< epoch ms; written by the client, by the driver at creation, keepalive and close
    bool is_closed_by_command = false;
    std::vector<PublicationLink> publications;
    std::vector<UserCounter> counters;

    /// Keeps the client alive for another liveness timeout. spec: 02 §7.11
    void on_keepalive(const std::int64_t now_ms) noexcept { heartbeat.set(now_ms); }

    /// Lets the next tick find the client dead. spec: 02 §9.3
    void on_close_command() noexcept {
        is_closed_by_command = true;
        heartbeat.set(0);
    }

    /// `liveness_timeout_ms`: at least 1. spec: 02 §9.2
    [[nodiscard]] bool is_dead(const std::int64_t now_ms, const std::int64_t liveness_timeout_ms) const noexcept;
};

/// The clients in the order in which they came.
class ClientRegistry {
public:
    [[nodiscard]] Client* find(std::int64_t client_id) noexcept;

    /// Records a client with a heartbeat counter of its own, alive from now. Throws `Error` where no counter is free.
    /// spec: 02 §9.1
    Client& add(std::int64_t client_id, std::int64_t now_ms, shm::CountersManager& counters);

    /// Takes one dead client out of the registry, the one that came last first; null where all are alive.
    [[nodiscard]] std::unique_ptr<Client> take_dead(std::int64_t now_ms, std::int64_t liveness_timeout_ms);

    [[nodiscard]] std::size_t size() const noexcept { return clients_.size(); }

private:
    std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace cpperon::driver
