#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_SHA256_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_SHA256_H_

#include <memory>
#include <string>
#include <string_view>

namespace gradmatch {

// SHA-256 of bytes that come in pieces. OpenSSL's, since it uses the
// processor's instructions and whole disks are hashed here. Used by one thread.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();

  void Add(std::string_view bytes);
  // Of all that was added, as 64 hex digits; the hasher is at its end.
  std::string FinishHex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The same for bytes that are at hand.
std::string Sha256Hex(std::string_view bytes);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_SHA256_H_
