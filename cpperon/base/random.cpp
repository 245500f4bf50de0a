#include "cpperon/base/random.hpp"

#include <random>

namespace cpperon {

namespace {

std::uint64_t seed_from_system() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32U) ^ device();
}

}  // namespace

SystemRandomSource::SystemRandomSource() : SeededRandomSource(seed_from_system()) {}

}  // namespace cpperon
