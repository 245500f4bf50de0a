/// What the driver's conductor works on, made by whoever assembles the driver (MediaDriver, or a test) and outliving
/// the conductor. Everything that shapes the driver but is no resource (time-outs, windows, termination validator and
/// hook) is in the DriverContext. Used by the conductor's thread only. design §4.1, spec: 06 §2.1
#pragma once

namespace cpperon {
class EpochClock;
class NanoClock;
class RandomSource;
}  // namespace cpperon

namespace cpperon::shm {
class BroadcastTransmitter;
class CountersManager;
class DistinctErrorLog;
class LossReport;
class ManyToOneRingBuffer;
}  // namespace cpperon::shm

namespace cpperon::net {
class UdpTransport;
}  // namespace cpperon::net

namespace cpperon::driver {

class ChannelResolver;
class EventLog;
class LogBufferStore;
class SystemCounters;
struct ReceiverContext;
struct SenderContext;

/// References to the parts of a running driver that the conductor reads and writes.
struct DriverResources {
    shm::ManyToOneRingBuffer& commands;  ///< to-driver ring: the conductor is its only consumer. spec: 01 §4
    shm::BroadcastTransmitter& events;   ///< to-clients broadcast: the conductor is its only writer. spec: 01 §5
    shm::CountersManager& counters;      ///< allocates and frees every counter but the system ones. spec: 01 §6
    SystemCounters& system_counters;     ///< the 46 of spec 06 §18
    shm::DistinctErrorLog& errors;       ///< shared with the other agents. spec: 01 §7
    LogBufferStore& logs;                ///< creates and deletes log files without blocking. spec: 06 §15
    ChannelResolver& channels;           ///< resolves names without blocking. spec: 06 §16
    net::UdpTransport& transport;        ///< opens the sockets of all endpoints. spec: 06 §13
    SenderContext& sender;               ///< the conductor fills its commands and drains its events. spec: 06 §14
    ReceiverContext& receiver;           ///< likewise
    shm::LossReport& loss_report;        ///< entries are made by the conductor only. spec: 06 §20
    NanoClock& nano_clock;               ///< time-outs
    EpochClock& epoch_clock;             ///< heartbeats
    RandomSource& random;                ///< session ids and initial term ids
    EventLog* event_log = nullptr;       ///< null: nothing is logged. spec: 06 §22
};

}  // namespace cpperon::driver
