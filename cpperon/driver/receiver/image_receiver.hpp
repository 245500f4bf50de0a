/// The receiver's half of an image: inserts what arrives, and sends status messages, NAKs, errors and response setups.
/// Made by the conductor, used by the receiver from `AddImage` until `ImageReleased`. spec: 04 §9.4 to §9.7
#pragma once

// Seam, fixed for the conductor (the class is to be completed):
//   ImageReceiver(ImageReceiverSpec, ReceiverContext&); signals()
#include <cstdint>

#include "cpperon/base/ids.hpp"
#include "cpperon/driver/receiver/image_signals.hpp"
#include "cpperon/driver/receiver/receiver_context.hpp"
#include "cpperon/logbuffer/log_view.hpp"
#include "cpperon/net/socket_address.hpp"
#include "cpperon/shm/atomic_counter.hpp"

namespace cpperon::driver {

class ReceiveDestination;
class ReceiveEndpoint;

struct ImageReceiverSpec {
    ReceiveEndpoint* endpoint = nullptr;        ///< outlives the image
    ReceiveDestination* destination = nullptr;  ///< through which the SETUP came
    net::SocketAddress source;                  ///< of the SETUP
    std::int64_t correlation_id = 0;
    SessionId session_id{};
    std::int32_t stream_id = 0;
    logbuffer::LogView log;  ///< outlives the image; its initial term id and length are the SETUP's
    std::int64_t join_position = 0;
    std::int64_t max_window_length = 0;  ///< of congestion control
    bool is_reliable = true;
    bool measures_rtt = false;
    std::int64_t initial_rtt_ns = 100'000;
    std::int64_t now_ns = 0;             ///< time of creation
    shm::AtomicCounter high_water_mark;  ///< `rcv-hwm`, at the join position
    shm::AtomicCounter naks_sent;        ///< `rcv-naks-sent`
};

}  // namespace cpperon::driver
