/// What handles ask of the client's conductor: the seam between the two, so that neither knows the other's inside.
/// Held by the state of every handle; never used on the way of a message. spec: 02 §10.8
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "cpperon/base/clock.hpp"
#include "cpperon/base/ids.hpp"
#include "cpperon/client/pending.hpp"

namespace cpperon::client {

/// What the driver is told about an image that the application refuses. spec: 02 §7.9
struct ImageRejection {
    RegistrationId image_correlation_id = null_registration_id;
    std::int64_t position = 0;  ///< informative: where the reader is
    std::string_view reason;    ///< up to 1,023 bytes, otherwise the driver refuses; borrowed for the call
};

/// What a destination is added to, or removed from.
struct DestinationParent {
    enum class Kind : std::uint8_t { publication, subscription };

    Kind kind = Kind::publication;
    /// Of a publication the original one, which is the only one that drivers know. spec: 02 §7.5
    RegistrationId id = null_registration_id;
};

/// Implemented by the client conductor. Outlives the conductor's thread: after the client has closed, the closing calls
/// do nothing.
///
/// Threads: any, including the conductor's own and a thread that is inside a callback of it.
class ConductorLink {
public:
    ConductorLink() = default;
    ConductorLink(const ConductorLink&) = delete;
    ConductorLink& operator=(const ConductorLink&) = delete;
    virtual ~ConductorLink() = default;

    // Each is called exactly once for a handle that was closed, or whose last copy was dropped, before the conductor
    // closed it by force. The state is marked closed already, or is being destroyed: only the id may be used. They
    // return at once; the conductor tells the driver later, and again if the ring was full.

    virtual void close_publication(RegistrationId registration_id) noexcept = 0;
    virtual void close_exclusive_publication(RegistrationId registration_id, bool revoke) noexcept = 0;
    /// The images of the subscription, which the conductor knows too, are closed and announced as unavailable by it.
    virtual void close_subscription(RegistrationId registration_id) noexcept = 0;
    /// `command_id`: the correlation id of the command that added it, which is not the registration id of a static one.
    virtual void close_counter(RegistrationId command_id) noexcept = 0;

    /// Asks the driver to drop an image; the answer says whether it did. Fails as every request does.
    [[nodiscard]] virtual Pending<std::monostate> async_reject_image(const ImageRejection& rejection) = 0;

    /// Asks the driver to send to, or to receive from, one more destination; the answer is the destination's id. A
    /// destination of a publication is given back where nobody takes the answer. spec: 02 §7.5, §7.6
    [[nodiscard]] virtual Pending<RegistrationId> async_add_destination(const DestinationParent& parent,
                                                                        std::string_view channel) = 0;
    /// The destination that was added with an equal channel.
    [[nodiscard]] virtual Pending<std::monostate> async_remove_destination(const DestinationParent& parent,
                                                                           std::string_view channel) = 0;
    /// The same by the destination's id.
    [[nodiscard]] virtual Pending<std::monostate> async_remove_destination(const DestinationParent& parent,
                                                                           RegistrationId destination_id) = 0;

    // For a thread that waits for something the driver or another client will do.

    /// Whether the calling thread is at work for the conductor, and so must not wait for what that does.
    [[nodiscard]] virtual bool is_inside_callback() const noexcept = 0;
    /// In invoker mode steps the client and its driver; how much they did, otherwise 0. Throws what
    /// `Context::driver_do_work` throws.
    virtual int step_while_waiting() = 0;
    /// What waits are measured by.
    [[nodiscard]] virtual NanoClock& nano_clock() noexcept = 0;
};

}  // namespace cpperon::client
