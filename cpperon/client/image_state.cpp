#include "cpperon/client/image_state.hpp"

#include "cpperon/base/atomic.hpp"

namespace cpperon::client {

namespace {

ImageConstants make_constants(const ImageSetup& setup) {
    const logbuffer::LogView& log = setup.log->view();
    return {.source_identity = setup.source_identity,
            .correlation_id = setup.correlation_id,
            .session_id = SessionId{setup.session_id},
            // acquire [subscriber-position] <- the driver, which set it before it announced the image.
            .join_position = load_acquire(*setup.subscriber_position),
            .initial_term_id = log.initial_term_id(),
            .mtu_length = log.mtu_length(),
            .term_buffer_length = log.term_length(),
            .position_bits_to_shift = log.position_bits_to_shift(),
            .subscriber_position_id = setup.subscriber_position_id};
}

}  // namespace

ImageState::ImageState(ImageSetup setup)
    : reader_(setup.log->view(), *setup.subscriber_position, setup.session_id, this),
      constants_(make_constants(setup)),
      subscription_(std::move(setup.subscription)),
      log_(std::move(setup.log)),
      counters_owner_(std::move(setup.counters_owner)),
      link_(std::move(setup.link)) {}

bool ImageState::close() noexcept {
    if (is_closing_.exchange(true)) {
        return false;
    }
    reader_.close();
    return true;
}

}  // namespace cpperon::client
