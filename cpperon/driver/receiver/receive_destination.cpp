#include "cpperon/driver/receiver/receive_destination.hpp"

#include "cpperon/driver/receiver/receive_endpoint.hpp"

namespace cpperon::driver {

void ReceiveDestination::on_datagrams(const net::ReceivedRun& run) {
    endpoint_->on_datagrams(*this, run);
}

void ReceiveDestination::on_receive_error(const int system_error) {
    endpoint_->on_receive_error(system_error);
}

}  // namespace cpperon::driver
