#include "server/http/gzip_unpacker.h"

#include <zlib.h>

#include <array>

namespace gradmatch {

struct GzipUnpacker::State {
  z_stream stream = {};
  std::array<char, 32 << 10> out;
};

GzipUnpacker::GzipUnpacker() : state_(std::make_unique<State>()) {
  constexpr int kGzipWindow = 15 + 16;
  // Fails only for lack of memory; inflate then says so.
  (void)inflateInit2(&state_->stream, kGzipWindow);
}

GzipUnpacker::~GzipUnpacker() { inflateEnd(&state_->stream); }

GzipUnpacker::Result GzipUnpacker::Add(
    std::string_view packed,
    const std::function<bool(std::string_view)>& take) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  // Until the input is used up and what it made has come out.
  do {
    if (finished_) {
      return stream.avail_in > 0 ? Result::kMalformed : Result::kOk;
    }
    stream.next_out = reinterpret_cast<Bytef*>(state_->out.data());
    stream.avail_out = static_cast<uInt>(state_->out.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    // Z_BUF_ERROR: there was nothing to do.
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      return Result::kMalformed;
    }
    finished_ = result == Z_STREAM_END;
    const size_t size = state_->out.size() - stream.avail_out;
    if (size > 0 && !take({state_->out.data(), size})) return Result::kStopped;
  } while (stream.avail_in > 0 || stream.avail_out == 0);
  return Result::kOk;
}

}  // namespace gradmatch
