// archetypes.tsv as bytes of the program (see archetypes.cc).
        .section .rodata
        .global gradmatch_sample_archetypes
        .global gradmatch_sample_archetypes_end
gradmatch_sample_archetypes:
        .incbin "archetypes.tsv"
gradmatch_sample_archetypes_end:
        .byte 0
        .section .note.GNU-stack,"",@progbits
