/// What the copies of an `Aeron`, and the handles of its resources, share: the conductor and its thread. spec: 02
/// §10.2, §10.9
#pragma once

#include <memory>
#include <optional>

#include "cpperon/base/agent_runner.hpp"
#include "cpperon/client/client_conductor.hpp"
#include "cpperon/client/pending.hpp"
#include "cpperon/shm/attach.hpp"

namespace cpperon {
class Aeron;
}  // namespace cpperon

namespace cpperon::client {

/// Threads: any.
class RunningClient {
public:
    /// Starts a client on a driver that was found. Throws `InvalidArgumentError` where a setting does not go with the
    /// driver's client liveness timeout, `IoError` where there is no thread to be had, and what `on_start` throws.
    [[nodiscard]] static Aeron start(Context context, shm::AttachedDriver driver);

    RunningClient(Context context, shm::AttachedDriver driver);
    RunningClient(const RunningClient&) = delete;
    RunningClient& operator=(const RunningClient&) = delete;
    /// Closes. Inside a callback of the client, where nobody can wait for its end, the conductor closes itself when the
    /// callback has returned.
    ~RunningClient();

    /// Throws `reentrant_call` inside a callback of the client.
    void close();
    /// Throws `InvalidArgumentError` where the client has a thread, `reentrant_call` inside a callback of the client.
    int do_work();

    [[nodiscard]] ClientConductor& conductor() const noexcept { return *conductor_; }

private:
    /// Starts the thread, or in invoker mode says that the caller is it.
    void launch();

    std::shared_ptr<ClientConductor> conductor_;
    std::optional<AgentRunner> runner_;  // none in invoker mode
};

}  // namespace cpperon::client
