/// What the copies of a publication share: the appender, what it works on, and how it ends. Made by the client
/// conductor, used by publishing threads and whoever closes. spec: 02 §10.8, §10.10
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cpperon/base/ids.hpp"
#include "cpperon/client/channel_addresses.hpp"
#include "cpperon/client/channel_status.hpp"
#include "cpperon/client/conductor_link.hpp"
#include "cpperon/logbuffer/concurrent_appender.hpp"
#include "cpperon/logbuffer/exclusive_appender.hpp"
#include "cpperon/logbuffer/log_file.hpp"
#include "cpperon/shm/counters_reader.hpp"

namespace cpperon {

/// What never changes about a publication. A copy to keep. spec: 07 §A.1
struct PublicationConstants {
    std::string channel;
    RegistrationId registration_id = null_registration_id;
    /// Of the publication that was the first to have this log; publications that share a session have it in common.
    RegistrationId original_registration_id = null_registration_id;
    std::int32_t stream_id = 0;
    SessionId session_id{};
    std::int32_t initial_term_id = 0;
    std::int32_t term_buffer_length = 0;
    std::int32_t position_bits_to_shift = 0;
    std::int32_t max_payload_length = 0;  ///< of one frame; also the most that can be claimed
    std::int32_t max_message_length = 0;  ///< of a message that is split into fragments
    std::int64_t max_possible_position = 0;
    CounterId position_limit_id = no_counter;
    CounterId channel_status_id = no_counter;
};

namespace client {

/// Everything the conductor knows when the driver has answered.
struct PublicationSetup {
    std::shared_ptr<ConductorLink> link;
    std::shared_ptr<const void> counters_owner;  ///< keeps the counters below mapped
    CountersReader counters;
    std::shared_ptr<const logbuffer::LogFile> log;
    const std::int64_t* position_limit = nullptr;
    CounterId position_limit_id = no_counter;
    ChannelStatusIndicator channel_status;
    std::string channel;
    std::int32_t stream_id = 0;
    std::int32_t session_id = 0;
    RegistrationId registration_id = null_registration_id;
    RegistrationId original_registration_id = null_registration_id;
};

[[nodiscard]] PublicationConstants make_publication_constants(const PublicationSetup& setup);

/// Threads: those of the appender; closing from any.
template <typename AppenderType>
class PublicationStateOf {
public:
    using Appender = AppenderType;
    static constexpr bool is_exclusive = std::is_same_v<Appender, logbuffer::ExclusiveAppender>;

    explicit PublicationStateOf(PublicationSetup setup)
        : appender_(setup.log->view(), *setup.position_limit, setup.session_id, setup.stream_id),
          constants_(make_publication_constants(setup)),
          channel_status_(setup.channel_status),
          counters_(setup.counters),
          log_(std::move(setup.log)),
          counters_owner_(std::move(setup.counters_owner)),
          link_(std::move(setup.link)) {}
    PublicationStateOf(const PublicationStateOf&) = delete;
    PublicationStateOf& operator=(const PublicationStateOf&) = delete;
    /// The last handle is gone: the same as closing it.
    ~PublicationStateOf() { close(); }

    [[nodiscard]] Appender& appender() noexcept { return appender_; }
    [[nodiscard]] const Appender& appender() const noexcept { return appender_; }
    [[nodiscard]] const PublicationConstants& constants() const noexcept { return constants_; }
    [[nodiscard]] const std::shared_ptr<const logbuffer::LogFile>& log() const noexcept { return log_; }
    [[nodiscard]] ChannelStatus channel_status() const noexcept {
        return appender_.is_closed() ? ChannelStatus::errored : channel_status_.load();
    }
    [[nodiscard]] std::vector<std::string> local_socket_addresses() const {
        return appender_.is_closed() ? std::vector<std::string>{}
                                     : client::local_socket_addresses(counters_, channel_status_);
    }
    [[nodiscard]] ConductorLink& link() const noexcept { return *link_; }

    /// Any thread, any number of times: later operations answer `closed`, the conductor tells the driver.
    void close() noexcept {
        if (mark_closed()) {
            if constexpr (is_exclusive) {
                link_->close_exclusive_publication(constants_.registration_id, is_revoking());
            } else {
                link_->close_publication(constants_.registration_id);
            }
        }
    }

    /// Conductor, closing by force: nothing is sent. False if it was closed already.
    bool mark_closed() noexcept {
        if (is_closing_.exchange(true)) {
            return false;
        }
        appender_.close();
        return true;
    }

    /// The close to come revokes the stream. Any thread. spec: 03 §10.6
    void revoke_on_close() noexcept { is_revoking_.store(true, std::memory_order_release); }
    /// Whether closing revokes; the conductor asks when the client closes. acquire <- revoke_on_close, of any thread.
    [[nodiscard]] bool is_revoking() const noexcept { return is_revoking_.load(std::memory_order_acquire); }

private:
    // The hot part.
    alignas(64) Appender appender_;
    // Constant after construction.
    PublicationConstants constants_;
    ChannelStatusIndicator channel_status_;
    CountersReader counters_;
    std::shared_ptr<const logbuffer::LogFile> log_;
    std::shared_ptr<const void> counters_owner_;
    std::shared_ptr<ConductorLink> link_;
    // Any thread.
    std::atomic<bool> is_closing_{false};
    std::atomic<bool> is_revoking_{false};
};

using PublicationState = PublicationStateOf<logbuffer::ConcurrentAppender>;
using ExclusivePublicationState = PublicationStateOf<logbuffer::ExclusiveAppender>;

}  // namespace client

}  // namespace cpperon
