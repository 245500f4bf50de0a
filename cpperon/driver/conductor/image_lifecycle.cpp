/// Images as time passes. spec: 06 §7.1, §7.3, §11
#include <algorithm>

#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/network_lifecycle.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"
#include "cpperon/driver/event_log/event_log.hpp"

namespace cpperon::driver {

int track_images(ConductorState& state) {
    return static_cast<int>(std::count_if(state.images.begin(), state.images.end(),
                                          [&](const auto& image) { return image->track(state.now_ns); }));
}

void tick_images(ConductorState& state) {
    for (auto image = state.images.rbegin(); image != state.images.rend(); ++image) {
        (*image)->on_tick(state.now_ns);
    }
    if (EventLog* const log = state.resources.event_log) {
        for (const auto& image : state.images) {
            if (image->is_end_of_life()) {
                log->on_event(EventId::remove_image_cleanup,
                              ImageDetails{.session_id = static_cast<std::int32_t>(image->spec().session_id),
                                           .stream_id = image->spec().stream_id,
                                           .correlation_id = image->spec().correlation_id,
                                           .channel = image->spec().channel});
            }
        }
    }
    std::erase_if(state.images, [](const auto& image) { return image->is_end_of_life(); });
}

}  // namespace cpperon::driver
