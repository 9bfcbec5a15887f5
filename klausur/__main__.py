from klausur.cli import main

main()
