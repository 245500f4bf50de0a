#include "cpperon/client/publication_state.hpp"

namespace cpperon::client {

PublicationConstants make_publication_constants(const PublicationSetup& setup) {
    const logbuffer::LogView& log = setup.log->view();
    return {.channel = setup.channel,
            .registration_id = setup.registration_id,
            .original_registration_id = setup.original_registration_id,
            .stream_id = setup.stream_id,
            .session_id = SessionId{setup.session_id},
            .initial_term_id = log.initial_term_id(),
            .term_buffer_length = log.term_length(),
            .position_bits_to_shift = log.position_bits_to_shift(),
            .max_payload_length = log.max_payload_length(),
            .max_message_length = log.max_message_length(),
            .max_possible_position = log.max_possible_position(),
            .position_limit_id = setup.position_limit_id,
            .channel_status_id = setup.channel_status.id};
}

}  // namespace cpperon::client
