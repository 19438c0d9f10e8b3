#ifndef GRADMATCH_SERVER_SEALED_VALUES_H_
#define GRADMATCH_SERVER_SEALED_VALUES_H_

#include <string>

#include "index/vault/sealed_store.h"
#include "server/log.h"

namespace gradmatch {

// Says in the log what became of sealed values at the start: only how many, and
// only what an operator has to know of. `key_file` is the file of seal keys.
void TellOfSealedValues(const SealedStore::ResealReport& report,
                        const std::string& key_file, Logger& log);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SEALED_VALUES_H_
