// The mappings of tools/mappings, as bytes of the program: an installed one needs
// no source tree. The assembler finds the files through the include path.

        .section .rodata
.macro embed name, file
        .global gradmatch_mapping_\name
        .global gradmatch_mapping_\name\()_end
gradmatch_mapping_\name:
        .incbin "\file"
gradmatch_mapping_\name\()_end:
        .byte 0
.endm

        embed jobs_boards, jobs_boards.yaml
        embed official_positions, official_positions.yaml

        .section .note.GNU-stack,"",@progbits
