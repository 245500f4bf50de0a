/// The name resolver that the settings ask for, and the agent that steps it if it has work of its own. Assembled before
/// the conductor runs, used by the native resource agent's thread. spec: 04 §13, 06 §16
#pragma once

#include <memory>

#include "cpperon/base/agent.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/tracked_name_resolver.hpp"
#include "cpperon/net/name_resolver.hpp"
#include "cpperon/net/udp_transport.hpp"

namespace cpperon::shm {
class CountersManager;
}  // namespace cpperon::shm

namespace cpperon::driver {

class CsvNameResolver;
class DriverErrors;
class DriverNameResolver;
class EventLog;
class SystemCounters;

class DriverNames {
public:
    /// What it is made from; outlives it.
    struct Parts {
        const DriverContext& context;
        net::UdpTransport& transport;
        shm::CountersManager& counters;
        SystemCounters& system_counters;
        DriverErrors& errors;
        EventLog* event_log = nullptr;  ///< null: nothing is logged
    };

    /// Throws `InvalidArgumentError` for a table, a name or an interface that makes no sense, `Error` where the
    /// resolver's socket cannot be had.
    explicit DriverNames(const Parts& parts);
    DriverNames(const DriverNames&) = delete;
    DriverNames& operator=(const DriverNames&) = delete;
    ~DriverNames();

    [[nodiscard]] net::NameResolver& resolver() noexcept { return tracked_; }
    /// Null if the resolver has no work of its own.
    [[nodiscard]] Agent* agent() noexcept { return agent_.get(); }

private:
    net::SystemNameResolver system_;
    net::NameResolver& fallback_;  // for names that those below do not know
    // At most one of them.
    std::unique_ptr<DriverNameResolver> gossip_;
    std::unique_ptr<CsvNameResolver> table_;
    std::unique_ptr<Agent> agent_;
    TrackedNameResolver tracked_;
};

}  // namespace cpperon::driver
