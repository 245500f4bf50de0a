/// nng in the side-by-side benchmark: two pair sockets, with the library's own threads. See measures.hpp.

#include <cstddef>
#include <memory>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <span>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/peers/measures.hpp"

namespace {

constexpr int no_waiting = NNG_FLAG_NONBLOCK;
constexpr int queue_length = 8'192;  // messages, the most that nng takes

void check(const int error) {
    if (error != 0) {
        throw std::runtime_error(fmt::format("nng: {}", ::nng_strerror(error)));
    }
}

/// False where it would have to wait, or has waited long.
bool is_done(const int error) {
    if (error == NNG_EAGAIN || error == NNG_ETIMEDOUT) {
        return false;
    }
    check(error);
    return true;
}

class End {
public:
    explicit End(const bool is_blocking) : flags_{is_blocking ? 0 : no_waiting} {
        check(::nng_pair0_open(&socket_));
        check(::nng_socket_set_int(socket_, NNG_OPT_SENDBUF, queue_length));
        check(::nng_socket_set_int(socket_, NNG_OPT_RECVBUF, queue_length));
        check(::nng_socket_set_ms(socket_, NNG_OPT_SENDTIMEO, peers::longest_wait_ms));
        check(::nng_socket_set_ms(socket_, NNG_OPT_RECVTIMEO, peers::longest_wait_ms));
    }
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    ~End() { ::nng_close(socket_); }

    void listen(const std::string& channel) { check(::nng_listen(socket_, channel.c_str(), nullptr, 0)); }
    void dial(const std::string& channel) { check(::nng_dial(socket_, channel.c_str(), nullptr, 0)); }

    bool try_send(const std::span<const std::byte> message) {
        nng_msg* copy = nullptr;
        check(::nng_msg_alloc(&copy, 0));
        std::unique_ptr<nng_msg, decltype(&::nng_msg_free)> owner{copy, ::nng_msg_free};
        check(::nng_msg_append(copy, message.data(), message.size()));
        if (!is_done(::nng_sendmsg(socket_, copy, flags_))) {
            return false;
        }
        static_cast<void>(owner.release());
        return true;
    }

    template <typename Handler>
    int receive(const Handler& handler, const int limit) {
        int count = 0;
        nng_msg* message = nullptr;
        while (count < limit && is_done(::nng_recvmsg(socket_, &message, count == 0 ? flags_ : no_waiting))) {
            const std::unique_ptr<nng_msg, decltype(&::nng_msg_free)> owner{message, ::nng_msg_free};
            handler({static_cast<const std::byte*>(::nng_msg_body(message)), ::nng_msg_len(message)});
            ++count;
        }
        return count;
    }

private:
    nng_socket socket_{};
    int flags_;
};

nlohmann::json run(const peers::Settings& settings) {
    peers::place_library_threads(settings);
    End there{settings.is_blocking};
    End here{settings.is_blocking};
    there.listen(settings.channel);
    here.dial(settings.channel);
    nlohmann::json figures = peers::pair(here, there, settings);
    figures["version"] = ::nng_version();
    return figures;
}

}  // namespace

int main(int argc, char** argv) {
    return peers::program(argc, argv, "nng", run);
}
