/// The sender's half of a network publication: SETUP, data, heartbeats, retransmits, and what receivers say about it.
/// Made by the conductor, used by the sender from `AddPublication` until `PublicationReleased`. spec: 04 §6
#pragma once

// Seam, fixed for the conductor (the class is to be completed):
//   PublicationSender(PublicationSenderSpec, SenderContext&); signals()
#include <cstdint>
#include <memory>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/sender/flow_control.hpp"
#include "cpperon/driver/sender/publication_signals.hpp"
#include "cpperon/driver/sender/sender_context.hpp"
#include "cpperon/logbuffer/log_view.hpp"
#include "cpperon/shm/atomic_counter.hpp"

namespace cpperon::driver {

class SendEndpoint;

struct PublicationSenderSpec {
    SendEndpoint* endpoint = nullptr;  ///< outlives the publication
    std::int64_t registration_id = 0;
    SessionId session_id{};
    std::int32_t stream_id = 0;
    logbuffer::LogView log;  ///< outlives the publication
    std::int64_t start_position = 0;
    std::unique_ptr<FlowControl> flow_control;
    bool has_group_semantics = false;
    bool signals_eos = true;
    bool spies_simulate_connection = false;
    bool is_response = false;  ///< `control-mode=response`: silent until a SEND_SETUP reveals the peer
    std::int64_t response_correlation_id = -1;
    std::int32_t max_resend = 16;
    std::int32_t max_messages_per_send = 4;  ///< runs per duty cycle; without segmentation offload datagrams
    std::int64_t connection_timeout_ns = 5'000'000'000;
    std::int64_t retransmit_delay_ns = 0;
    std::int64_t retransmit_linger_ns = 10'000'000;
    std::int64_t now_ns = 0;                  ///< time of creation
    shm::AtomicCounter sender_position;       ///< `snd-pos`, at the start position
    shm::AtomicCounter sender_limit;          ///< `snd-lmt`, at the start position
    shm::AtomicCounter back_pressure_events;  ///< `snd-bpe`
    shm::AtomicCounter naks_received;         ///< `snd-naks-received`
};

}  // namespace cpperon::driver
