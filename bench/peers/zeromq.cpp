/// ZeroMQ in the side-by-side benchmark: two PAIR sockets of one context, with one I/O thread. See measures.hpp.

#include <cstddef>
#include <span>
#include <zmq.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bench/peers/measures.hpp"

namespace {

constexpr int buffer_length = 2 * 1'024 * 1'024;
constexpr int queue_length = 65'536;  // messages

struct End {
    zmq::socket_t socket;
    zmq::send_flags send_flags;
    zmq::recv_flags first_receive_flags;
    zmq::message_t message{};

    End(zmq::context_t& context, const bool is_blocking)
        : socket{context, zmq::socket_type::pair},
          send_flags{is_blocking ? zmq::send_flags::none : zmq::send_flags::dontwait},
          first_receive_flags{is_blocking ? zmq::recv_flags::none : zmq::recv_flags::dontwait} {
        socket.set(zmq::sockopt::sndhwm, queue_length);
        socket.set(zmq::sockopt::rcvhwm, queue_length);
        socket.set(zmq::sockopt::sndbuf, buffer_length);
        socket.set(zmq::sockopt::rcvbuf, buffer_length);
        socket.set(zmq::sockopt::sndtimeo, peers::longest_wait_ms);
        socket.set(zmq::sockopt::rcvtimeo, peers::longest_wait_ms);
        socket.set(zmq::sockopt::linger, 0);
    }

    bool try_send(const std::span<const std::byte> bytes) {
        return socket.send(zmq::buffer(bytes.data(), bytes.size()), send_flags).has_value();
    }

    template <typename Handler>
    int receive(const Handler& handler, const int limit) {
        int count = 0;
        while (count < limit && socket.recv(message, count == 0 ? first_receive_flags : zmq::recv_flags::dontwait)) {
            handler({static_cast<const std::byte*>(message.data()), message.size()});
            ++count;
        }
        return count;
    }
};

nlohmann::json run(const peers::Settings& settings) {
    peers::place_library_threads(settings);
    zmq::context_t context{1};
    End there{context, settings.is_blocking};
    End here{context, settings.is_blocking};
    there.socket.bind(settings.channel);
    here.socket.connect(settings.channel);
    nlohmann::json figures = peers::pair(here, there, settings);
    const auto [major, minor, patch] = zmq::version();
    figures["version"] = fmt::format("{}.{}.{}", major, minor, patch);
    return figures;
}

}  // namespace

int main(int argc, char** argv) {
    return peers::program(argc, argv, "ZeroMQ", run);
}
