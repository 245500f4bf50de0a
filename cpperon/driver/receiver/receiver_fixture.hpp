/// The fixtures for tests of the receiver. spec: 04 §9
#pragma once

#include <gtest/gtest.h>

#include "cpperon/driver/receiver/receiver_scenery.hpp"

namespace cpperon::driver {

class ReceiverFixture : public ReceiverScenery, public ::testing::Test {};

/// The common case: one unicast destination whose stream is wanted.
class OneEndpoint : public ReceiverFixture {
public:
    OneEndpoint() {
        command(receiver_command::AddEndpoint{.endpoint = &endpoint});
        command(receiver_command::AddInterest{.endpoint = &endpoint, .stream_id = stream.stream_id});
    }

    /// Hands an image over; forgets its first status message.
    [[nodiscard]] TestImage add_image(const ImageOptions& options = {}) {
        TestImage image = make_image(endpoint, destination, options);
        command(receiver_command::AddImage{.image = image.receiver.get()});
        static_cast<void>(socket.take_sent());
        return image;
    }
    void deliver(const Datagram& datagram) { ReceiverFixture::deliver(destination, datagram); }

    ArrivingStream stream;
    ReceiveDestination& destination = make_destination();
    RecordingSocket& socket = socket_of(destination);
    ReceiveEndpoint& endpoint = make_endpoint({&destination});
};

}  // namespace cpperon::driver
