/// Images as time passes. spec: 06 §7.1, §7.3, §11
#include <algorithm>

#include "cpperon/driver/conductor/network_image.hpp"
#include "cpperon/driver/conductor/network_lifecycle.hpp"
#include "cpperon/driver/conductor/receive_channel.hpp"

namespace cpperon::driver {

int track_images(ConductorState& state) {
    return static_cast<int>(std::count_if(state.images.begin(), state.images.end(),
                                          [&](const auto& image) { return image->track(state.now_ns); }));
}

void tick_images(ConductorState& state) {
    for (auto image = state.images.rbegin(); image != state.images.rend(); ++image) {
        (*image)->on_tick(state.now_ns);
    }
    std::erase_if(state.images, [](const auto& image) { return image->is_end_of_life(); });
}

}  // namespace cpperon::driver
