/// The settings that ask for loss, as text, and the filters that they stand for. Read while a driver starts.
/// spec: 06 §21
#pragma once

#include <cstdint>
#include <string>

#include "cpperon/base/environment.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/base/result.hpp"
#include "cpperon/net/filtered_transport.hpp"

namespace cpperon::net {

/// How often, 0 to 1, and by what seed, -1: another one for every socket.
struct LossRate {
    double rate = 0;
    std::int64_t seed = -1;
};

/// Loss at the sockets of publications and of subscriptions, of the frames that each receives from the other end and
/// sends to it.
struct EndpointLoss {
    LossRate send_data;        ///< outgoing data of publications
    LossRate send_control;     ///< incoming status messages, NAKs, ... of publications
    LossRate receive_data;     ///< incoming data of subscriptions
    LossRate receive_control;  ///< outgoing status messages, NAKs, ... of subscriptions

    /// Whether anything is lost at all.
    [[nodiscard]] bool is_any() const noexcept {
        return send_data.rate > 0 || send_control.rate > 0 || receive_data.rate > 0 || receive_control.rate > 0;
    }
};

/// Reads the loss on purpose that an environment asks for; drivers do so only when their program wants it. The
/// variables are those of `aeron.debug.send.data.loss.rate` and its like: `send` or `receive`, `data` or `control`,
/// `rate` or `seed`. A rate below 0 or above 1 counts as that. Errors have the code `invalid_argument` and name
/// variable and value.
[[nodiscard]] Result<EndpointLoss> read_endpoint_loss(const EnvironmentLookup& environment);

/// As users write them; what is empty asks for nothing.
struct LossSettings {
    /// `loss`, `fixed-loss`, `multi-gap-loss`, separated by commas.
    std::string incoming_interceptors;
    std::string outgoing_interceptors;
    // Parameters, `key=value|key=value`, of the interceptors that are named above.
    std::string loss_args;            ///< `rate`, `seed`, `recv-msg-mask`
    std::string fixed_loss_args;      ///< `term-id`, `term-offset`, `length`
    std::string multi_gap_loss_args;  ///< `term-id`, `gap-radix`, `gap-length`, `total-gaps`
    EndpointLoss endpoints;
};

/// What makes the filters of each socket; empty, if nothing is asked for. `random` is kept: it gives seeds where none
/// is given. Errors have the code `invalid_argument` and say which part of which setting is wrong and what is allowed.
///
/// The gaps of `multi-gap-loss` begin at the radix, twice the radix, and so on. Parameters that the spec gives no
/// default are required, but the seed (-1) and the mask (all types).
[[nodiscard]] Result<SocketFilterFactory> make_filter_factory(const LossSettings& settings, RandomSource& random);

}  // namespace cpperon::net
