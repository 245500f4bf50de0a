/// Writes a client's commands into the to-driver ring. Used by the conductor, and by the thread that closes the client.
/// spec: 02 §10.5
#pragma once

#include <cstdint>
#include <thread>

#include "cpperon/command/codec.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace cpperon::client {

/// Threads: any; the ring takes several producers.
class CommandWriter {
public:
    explicit CommandWriter(const shm::ManyToOneRingBuffer& ring) noexcept : ring_(ring) {}

    /// Encodes the command in place. A full ring is given a few chances to be read meanwhile.
    template <command::Message T>
    [[nodiscard]] shm::RingWriteResult write(const T& command) noexcept {
        const auto length = static_cast<std::int32_t>(command::encoded_length(command));
        shm::RingClaim claim = ring_.try_claim(command::type_id<T>, length);
        for (int retry = 0; claim.result == shm::RingWriteResult::full && retry < max_retries; ++retry) {
            std::this_thread::yield();
            claim = ring_.try_claim(command::type_id<T>, length);
        }
        if (claim) {
            command::encode(command, claim.payload);
            // False where the driver gave the claim up meanwhile, after its liveness timeout: the answer stays away.
            static_cast<void>(ring_.commit(claim.offset));
        }
        return claim.result;
    }

private:
    static constexpr int max_retries = 10;  // spec: 02 §10.5 step 2

    shm::ManyToOneRingBuffer ring_;
};

}  // namespace cpperon::client
